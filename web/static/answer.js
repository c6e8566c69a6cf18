// The answer of a party (form[data-answer]): a reason is asked for at once where one is needed.

document.addEventListener("change", ({ target }) => {
  const form = target instanceof Element && target.closest("form[data-answer]");
  if (!form || target.name !== "decision") return;
  form.elements.motif.required = target.value !== "approved";
});
