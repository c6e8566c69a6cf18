// A page that waits for the engine ([data-wait]) looks now and then whether it is done, and only then shows itself anew.

const EVERY = 3000;
const MOST = 40;

async function isStillWaiting() {
  try {
    const answer = await fetch(location.pathname + location.search);
    return !answer.ok || (await answer.text()).includes("data-wait");
  } catch {
    return true; // the network comes back
  }
}

async function look(times) {
  if (times === MOST) return;
  if (document.visibilityState === "visible" && !(await isStillWaiting())) {
    location.replace(location.pathname + location.search);
    return;
  }
  setTimeout(look, EVERY, times + 1);
}

if (document.querySelector("[data-wait]")) setTimeout(look, EVERY, 1);
