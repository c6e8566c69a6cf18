// Better with scripts, whole without: this file only adds to what the pages already do.

// A refusal at the top of the page is read first.
document.getElementById("refus")?.focus();
