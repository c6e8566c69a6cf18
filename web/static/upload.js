// Forms with a file (form[data-upload], its value the limit in bytes): dropped or chosen, told at once when it is too
// large, sent with its progress, and kept when the rest of the form has to be seen again.

const FRENCH = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: 1 });
const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} ko` : `${FRENCH.format(bytes / 1e6)} Mo`);

const formOf = (target) => target instanceof Element && target.closest("form[data-upload]");
const inputOf = (form) => form.querySelector("input[type=file]");

// What happens to the file is said in a line of its own, announced without taking the focus.
function say(form, words, { isProblem = false } = {}) {
  const group = inputOf(form).closest(".fr-upload-group");
  let line = group.querySelector("[data-said]");
  if (!line) {
    line = document.createElement("p");
    line.dataset.said = "";
    line.setAttribute("role", "status");
    group.append(line);
  }
  line.className = isProblem ? "fr-error-text" : "fr-info-text";
  line.textContent = words;
}

function check(form) {
  const input = inputOf(form);
  const file = input.files[0];
  const limit = Number(form.dataset.upload);
  const tooLarge = Boolean(file) && file.size > limit;
  input.setCustomValidity(tooLarge ? `Ce fichier est trop gros : la limite est de ${Math.floor(limit / 1048576)} Mo.` : "");
  if (file) say(form, tooLarge ? `« ${file.name} » pèse ${size(file.size)} : c’est trop gros.` : `« ${file.name} », ${size(file.size)}, est prêt à être envoyé.`, { isProblem: tooLarge });
}

document.addEventListener("change", (event) => {
  const form = formOf(event.target);
  if (form && event.target === inputOf(form)) check(form);
});

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const form = formOf(event.target);
    if (!form || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form.classList.toggle("is-dropping", kind === "dragover");
    if (kind !== "drop" || !event.dataTransfer.files.length) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    inputOf(form).files = one.files;
    check(form);
  });
}

document.addEventListener("submit", (event) => {
  const form = formOf(event.target);
  if (!form || !inputOf(form).files.length) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") !== "true") send(form, new FormData(form, event.submitter));
});

function send(form, data) {
  const request = new XMLHttpRequest();
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", "Envoi du fichier");
  inputOf(form).closest(".fr-upload-group").append(bar);
  form.setAttribute("aria-busy", "true");
  say(form, "L’envoi commence.");
  let told = 0;
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = total ? loaded / total : 0;
    const quarter = Math.floor(bar.value * 4);
    if (quarter > told && quarter < 4) say(form, `${quarter * 25} % envoyés.`);
    told = Math.max(told, quarter);
  });
  request.upload.addEventListener("load", () => say(form, "Le fichier est envoyé, la plateforme l’examine."));
  request.addEventListener("load", () => show(form, request));
  request.addEventListener("error", () => {
    bar.remove();
    form.removeAttribute("aria-busy");
    say(form, "L’envoi a été interrompu : vérifiez votre connexion, puis recommencez.", { isProblem: true });
  });
  request.open("POST", form.action);
  request.send(data);
}

// The answer is a page of ours: its main part takes the place of this one, and the file stays chosen when it is asked again.
function show(form, request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = page.querySelector("main");
  if (!main) {
    location.reload();
    return;
  }
  const { files } = inputOf(form);
  const { action } = form;
  document.querySelector("main").replaceWith(document.adoptNode(main));
  document.title = page.title;
  if (request.status < 400 && request.responseURL !== action) history.pushState(null, "", request.responseURL);
  else for (const again of document.querySelectorAll("form[data-upload]")) {
    if (again.action !== action || !files.length) continue;
    inputOf(again).files = files;
    check(again);
  }
  const first = document.getElementById("refus") ?? document.querySelector("main [role=status]") ?? main;
  if (first !== main) first.tabIndex = -1;
  first.focus();
  if (first === main || first.getAttribute("role") === "status") window.scrollTo(0, 0);
}
