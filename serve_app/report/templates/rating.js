"use strict";
const { page, words } = document.body.dataset;
const { done, of } = JSON.parse(words);
const forms = new Map([...document.querySelectorAll(".one")].map((form) => [form.dataset.id, form]));
const place = `vitrine-rating-${page}`;
const kept = before() || { rater: name(), order: shuffled([...forms.keys()]), at: 0, answers: {} };

function before() {
  try {
    return JSON.parse(localStorage.getItem(place));
  } catch {
    return null;
  }
}

function keep() {
  try {
    localStorage.setItem(place, JSON.stringify(kept));
  } catch {
    // A browser without storage forgets at its end; the answers can still be saved.
  }
}

function name() {
  return [...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Every rater sees an order of their own, so that tiredness falls on no picture in particular.
function shuffled(ids) {
  for (let last = ids.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [ids[last], ids[other]] = [ids[other], ids[last]];
  }
  return ids;
}

function show(at) {
  kept.at = Math.max(0, Math.min(kept.order.length - 1, at));
  for (const form of forms.values()) {
    form.hidden = form.dataset.id !== kept.order[kept.at];
  }
  tell();
}

function tell() {
  const whole = Object.values(kept.answers).filter((one) => one.origin && one.rating !== undefined).length;
  document.querySelector("progress").value = whole;
  document.getElementById("count").textContent = `${kept.at + 1} ${of} ${kept.order.length}, ${whole} ${done}`;
  document.getElementById("back").disabled = kept.at === 0;
  document.getElementById("next").disabled = kept.at === kept.order.length - 1;
  keep();
}

function answered(id, field, value) {
  kept.answers[id] = { ...kept.answers[id], [field]: field === "rating" ? Number(value) : value };
  tell();
}

function check(field, value) {
  const input = forms.get(kept.order[kept.at]).querySelector(`input[name="${field}"][value="${value}"]`);
  input.checked = true;
  answered(kept.order[kept.at], field, value);
}

function save() {
  const answers = Object.entries(kept.answers).map(([picture, said]) => ({ picture, ...said }));
  const content = JSON.stringify({ page, rater: kept.rater, answers }, null, 1);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  link.download = `ratings-${page}-${kept.rater}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

for (const [id, form] of forms) {
  for (const [field, value] of Object.entries(kept.answers[id] || {})) {
    form.querySelector(`input[name="${field}"][value="${value}"]`).checked = true;
  }
  form.addEventListener("change", (event) => answered(id, event.target.name, event.target.value));
  form.addEventListener("submit", (event) => event.preventDefault());
}
document.getElementById("back").addEventListener("click", () => show(kept.at - 1));
document.getElementById("next").addEventListener("click", () => show(kept.at + 1));
document.getElementById("save").addEventListener("click", save);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (/^[0-9]$/.test(key)) check("rating", key);
  else if (key === "x") check("rating", "10");
  else if ("pf".includes(key)) check("origin", "photo");
  else if ("ge".includes(key)) check("origin", "generated");
  else if (event.target.tagName === "BUTTON") return;
  else if (key === "enter") show(kept.at + 1);
  else if (key === "backspace") show(kept.at - 1);
});
show(kept.at);
