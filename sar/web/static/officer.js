// The review works without this file: it only saves typing and reaching for the mouse.

const form = document.querySelector("[data-review]");
const proposals = form ? [...form.querySelectorAll(".sar-proposal")].filter((p) => p.querySelector("input[type=radio]")) : [];

function decide(proposal, verdict) {
  const answer = proposal.querySelector(`input[value=${verdict}]`);
  answer.checked = true;
  const next = proposals[proposals.indexOf(proposal) + 1];
  const target = next ? next.querySelector("input[type=radio]:checked") ?? next.querySelector("input[type=radio]") : document.getElementById("rule_reason");
  target?.focus();
  (next ?? target)?.scrollIntoView({ block: "nearest" });
}

if (proposals.length) {
  document.querySelectorAll("[data-keys]").forEach((hint) => { hint.hidden = false; });
  // A single key counts only while one of the proposal's own choices has the focus (WCAG 2.1.4).
  form.addEventListener("keydown", (event) => {
    const proposal = event.target.closest?.(".sar-proposal");
    const verdict = { w: "withhold", d: "disclose" }[event.key.toLowerCase()];
    if (!verdict || !proposals.includes(proposal) || event.target.type !== "radio" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    decide(proposal, verdict);
  });
}

const take = document.querySelector("[data-take-selection]");
if (take) {
  let kept = null;
  take.hidden = false;
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    const words = selection.toString().trim();
    const passage = selection.anchorNode?.parentElement?.closest("[data-passage]");
    if (words && passage?.contains(selection.focusNode)) kept = { words, passage: passage.dataset.passage };
  });
  take.addEventListener("click", () => {
    if (!kept) return;
    document.getElementById("marks_passage").value = kept.passage;
    const field = document.getElementById("marks_quote");
    field.value = kept.words;
    field.focus();
  });
}
