"use strict";
// The page is complete without this script; it filters, sorts and points.
const all = [...document.querySelectorAll(".card")];
const holder = document.querySelector(".cards");
const search = document.getElementById("search");
const count = document.getElementById("count");
const empty = document.getElementById("empty");
const wanted = { status: new Set(), verdict: new Set(), audience: "", type: "" };

function fits(card) {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => card.dataset.words.includes(word))
    && (!wanted.status.size || wanted.status.has(card.dataset.status))
    && (!wanted.verdict.size || wanted.verdict.has(card.dataset.verdict))
    && (!wanted.audience || card.dataset.audience === wanted.audience)
    && (!wanted.type || card.dataset.type === wanted.type);
}

function apply() {
  let shown = 0;
  for (const card of all) {
    card.hidden = !fits(card);
    shown += !card.hidden;
  }
  count.textContent = `${shown} of ${all.length}`;
  empty.hidden = shown > 0;
}

function sort(key) {
  const name = key.replace("-", "");
  const direction = key.startsWith("-") ? -1 : 1;
  const value = (card) => (card.dataset[name] === "" ? Infinity : direction * Number(card.dataset[name]));
  const order = name ? [...all].sort((a, b) => value(a) - value(b)) : all;
  holder.append(...order);
}

for (const button of document.querySelectorAll("button[data-filter]")) {
  button.addEventListener("click", () => {
    const values = wanted[button.dataset.filter];
    const on = !values.delete(button.dataset.value) && Boolean(values.add(button.dataset.value));
    button.setAttribute("aria-pressed", String(on));
    apply();
  });
}
for (const select of document.querySelectorAll("select[data-filter]")) {
  select.addEventListener("change", () => {
    wanted[select.dataset.filter] = select.value;
    apply();
  });
}
search.addEventListener("input", apply);
document.getElementById("sort").addEventListener("change", (event) => sort(event.target.value));

document.getElementById("reset").addEventListener("click", () => {
  search.value = "";
  Object.assign(wanted, { status: new Set(), verdict: new Set(), audience: "", type: "" });
  for (const button of document.querySelectorAll("button[data-filter]")) button.setAttribute("aria-pressed", "false");
  for (const select of document.querySelectorAll("select[data-filter]")) select.value = "";
  apply();
  search.focus();
});

for (const button of document.querySelectorAll("button[data-view]")) {
  button.addEventListener("click", () => {
    document.body.classList.toggle("gallery", button.dataset.view === "gallery");
    for (const other of document.querySelectorAll("button[data-view]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  });
}

for (const button of document.querySelectorAll("button[data-mark]")) {
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") === "false";
    button.setAttribute("aria-pressed", String(on));
    for (const mark of document.querySelectorAll("mark")) {
      if (mark.dataset.a.split(" ")[0] === button.dataset.mark) mark.classList.toggle("off", !on);
    }
  });
}

for (const row of document.querySelectorAll("tr[data-a]")) {
  const card = row.closest(".card");
  const point = (on) => () => {
    card.classList.toggle("focusing", on);
    for (const mark of card.querySelectorAll("mark")) {
      mark.classList.toggle("on", on && mark.dataset.a.split(" ").includes(row.dataset.a));
    }
  };
  row.addEventListener("mouseenter", point(true));
  row.addEventListener("mouseleave", point(false));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  }
});
