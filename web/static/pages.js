// Better with scripts, whole without: this file only adds to what the pages already do.

// A refusal at the top of the page is read first.
document.getElementById("refus")?.focus();

// A mail leads to a line of the list of commitments that may be on another of its pages: it has a page of its own.
const line = /^#engagement-([0-9]+)$/.exec(location.hash);
if (line && location.pathname.endsWith("/engagements") && !document.getElementById(location.hash.slice(1))) {
  location.replace(`${location.pathname}/${line[1]}`);
}
