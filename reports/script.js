// The page is complete without this file. It adds sorting, filters, copying, saving, the theme and keys; what was chosen stands in the
// address behind `?`, nothing is stored or sent.
const $ = (sel, root = document) => root.querySelector(sel);
const $$ = (sel, root = document) => [...root.querySelectorAll(sel)];
const text = (sel, root) => ($(sel, root)?.textContent ?? "").trim();
const data = JSON.parse($("#data").textContent);
for (const el of $$(".js")) if (el.id !== "rowbar") el.hidden = false;

// --- State: #section?key=value&key=value ---
const state = new URLSearchParams(location.hash.split("?")[1] ?? "");
let restoring = true;

const anchor = () => decodeURIComponent(location.hash.slice(1).split("?")[0]);

function keep(key, value) {
  if (restoring) return;
  if (value === "" || value === null || value === undefined) state.delete(key);
  else state.set(key, value);
  const query = state.toString();
  history.replaceState(null, "", `#${anchor()}${query ? `?${query}` : ""}`);
}

addEventListener("hashchange", () => {
  if (!location.hash.includes("?") && state.size) history.replaceState(null, "", `${location.hash}?${state}`);
  document.getElementById(anchor())?.scrollIntoView();
});

// --- Messages, copying, saving ---
let timer;
function say(text) {
  const toast = $(".toast");
  toast.textContent = text;
  toast.classList.add("on");
  clearTimeout(timer);
  timer = setTimeout(() => toast.classList.remove("on"), 1800);
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea"); // where the browser has no clipboard for a file
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) return say("The browser did not allow copying");
  }
  return say(`Copied ${what ?? text}`);
}

function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const stem = data.repository.replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 40);
$("#save-data").addEventListener("click", () =>
  save(`${stem}-readiness-page-data.json`, "application/json", JSON.stringify(data, null, 1)),
);

function csv(table) {
  const guard = (text) => (/^\s*[=+\-@\t\r]/.test(text) && isNaN(text) ? `'${text}` : text);
  const field = (cell) => `"${guard(cell.innerText.trim().replace(/\s+/g, " ")).replaceAll('"', '""')}"`;
  const rows = [...table.tHead.rows, ...table.tBodies[0].rows].filter((row) => !row.hidden);
  return rows.map((row) => [...row.cells].map(field).join(",")).join("\r\n");
}

for (const button of $$("[data-csv]")) {
  button.addEventListener("click", () => {
    const table = document.getElementById(button.dataset.csv || button.form.dataset.for);
    save(`${stem}-${table.id.slice(2)}.csv`, "text/csv", csv(table));
  });
}

// --- Sorting: first click on numbers puts the greatest first ---
function value(row, column) {
  const cell = row.cells[column];
  const text = cell.dataset.v ?? cell.textContent.trim();
  return text !== "" && !isNaN(text) ? Number(text) : text.toLowerCase();
}

// Numbers stand before words, so that an order exists where a column has both.
function compare(a, b) {
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function sort(table, column, up) {
  const head = table.tHead.rows[0].cells[column];
  const rows = $$("tbody tr", table).map((row, index) => ({ row, index, value: value(row, column) }));
  $$("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  rows.sort((a, b) => (up ? 1 : -1) * compare(a.value, b.value) || a.index - b.index);
  table.tBodies[0].append(...rows.map((entry) => entry.row));
  keep(`sort.${table.id}`, `${column}.${up ? "up" : "down"}`);
}

for (const table of $$("table.sortable")) {
  $$("thead th", table).forEach((head, column) => {
    if (!("sort" in head.dataset)) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const numeric = $$("tbody tr", table).some((row) => typeof value(row, column) === "number");
      sort(table, column, before ? before === "descending" : !(numeric && column > 0));
    });
  });
  const [column, way] = (state.get(`sort.${table.id}`) ?? "").split(".");
  if (column && table.tHead.rows[0].cells[column]?.dataset.sort !== undefined) sort(table, Number(column), way === "up");
}

// --- Packages: the folders that most rows of a list lie in become chips; no row has to carry them ---
const MOST_PACKAGES = 8;

function folder(of) {
  const path = text(".loc", of);
  const name = path || text("code", of);
  const end = name.lastIndexOf(path ? "/" : ".");
  return (end < 0 ? (path ? "." : name) : name.slice(0, end)).replaceAll(" ", "\u00a0"); // chips of a group are told apart by spaces
}

function packageChips(form) {
  const group = $("[data-packages]", form);
  const counts = new Map();
  for (const of of group ? $$("tbody tr", document.getElementById(form.dataset.for)) : []) {
    of.dataset.pkg = folder(of);
    counts.set(of.dataset.pkg, (counts.get(of.dataset.pkg) ?? 0) + 1);
  }
  const most = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, MOST_PACKAGES);
  for (const [name] of most.length > 1 ? most.sort() : []) {
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "pkg", value: name });
    label.append(box, ` ${name}`);
    group.append(label);
  }
}

// --- Filters: every word must occur in the row, and one of the chips of each group must hold ---
function filter(form) {
  const name = form.dataset.for;
  const rows = $$("tbody tr", document.getElementById(name));
  const words = form.q.value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = {};
  for (const box of $$("input:checked", form)) (wanted[box.name] ??= []).push(box.value);
  let shown = 0;
  for (const row of rows) {
    const said = row.textContent.toLowerCase();
    const has = (key) => wanted[key].some((one) => (row.dataset[key] ?? "").split(" ").includes(one));
    row.hidden = !(words.every((word) => said.includes(word)) && Object.keys(wanted).every(has));
    if (!row.hidden) shown += 1;
  }
  $("[role=status]", form).textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
  keep(`${name}.q`, words.join(" "));
  for (const key of new Set($$("input[type=checkbox]", form).map((box) => box.name))) {
    keep(`${name}.${key}`, (wanted[key] ?? []).join(" "));
  }
}

for (const form of $$("form[data-for]")) {
  const name = form.dataset.for;
  packageChips(form);
  const held = (box) => $(`#${name} tbody tr[data-${box.name}~="${box.value}"]`);
  for (const box of $$("input[type=checkbox]", form)) {
    if (!held(box)) box.parentElement.remove(); // a chip that no row answers to
    else box.checked = (state.get(`${name}.${box.name}`) ?? "").split(" ").includes(box.value);
  }
  form.q.value = state.get(`${name}.q`) ?? "";
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => filter(form));
  filter(form);
}

const more = $("#more");
if (more) {
  more.checked = state.has("more");
  more.addEventListener("change", () => keep("more", more.checked ? "1" : ""));
}

// --- Rows: what can be done with the place that a row names ---
const bar = $("#rowbar");
let row = null;

const place = (of) => text(".loc", of);

function issue(of) {
  const table = of.closest("table");
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  const facts = [...of.cells]
    .map((cell, i) => [heads[i], cell.innerText.trim().replace(/\s+/g, " ")])
    .filter(([head, found]) => head && found && !["Where", "Instead", "What", "Way to the call"].includes(head));
  const said = text(".say", of) || text("code", of);
  return [`### ${said}`, "", `\`${place(of)}\``, "", ...facts.map(([head, found]) => `- ${head}: ${found}`), "",
    `Found by ${data.tool}${data.commit ? ` at ${data.commit.slice(0, 12)}` : ""}.`].join("\n");
}

const actions = {
  place: () => copy(place(row)),
  suppress: () => copy(`# readiness: ignore[${text(".rule", row)}] `, "the suppression; write the reason behind it"),
  issue: () => copy(issue(row), "an issue text"),
};

function select(of) {
  row = of;
  $$("tr.at").forEach((other) => other.classList.remove("at"));
  bar.hidden = !of;
  if (!of) return;
  of.classList.add("at");
  $("code", bar).textContent = place(of);
  $('[data-do="suppress"]', bar).hidden = !text(".rule", of);
}

for (const table of $$("table.rows")) {
  table.addEventListener("focusin", (event) => select(event.target.closest("tbody tr[tabindex]")));
  table.addEventListener("click", (event) => {
    const of = event.target.closest("tbody tr[tabindex]");
    if (of && !event.target.closest("a, button")) of.focus();
  });
}
for (const of of $$("table.rows tbody tr, table.ranked tbody tr")) of.tabIndex = -1;
for (const button of $$("[data-do]", bar)) button.addEventListener("click", () => actions[button.dataset.do]());

$("#copy-week")?.addEventListener("click", () => {
  const lines = $$("#t-fixes tbody tr").map((of) => `- [ ] \`${place(of)}\` ${text(".say", of)} (${text(".rule", of)}, ${of.cells[3].textContent.trim()} days)`);
  copy([`### Fixes in Python, this week`, "", ...lines, "", `Found by ${data.tool}.`].join("\n"), "all fixes as one issue");
});

for (const button of $$("[data-copy]")) {
  button.addEventListener("click", () => copy(text("pre", button.parentElement), "the lines; fill in who and when"));
}

// --- What is wider than its place can be scrolled by keys, under the name of its table; what is not is no stop on the way ---
function reachable() {
  for (const box of $$(".scroll, pre")) {
    const isWide = box.scrollWidth > box.clientWidth;
    if (!isWide) {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
      continue;
    }
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", text("caption", box) || text("figcaption", box.parentElement) || "Code");
  }
}
reachable();
addEventListener("resize", reachable);
document.addEventListener("toggle", reachable, true);
$("#more")?.addEventListener("change", reachable);

// --- Theme ---
const themes = ["auto", "light", "dark"];
function theme(next) {
  const root = document.documentElement;
  if (next === "auto") delete root.dataset.theme;
  else root.dataset.theme = next;
  $("#theme").textContent = `Theme: ${next}`;
  keep("theme", next === "auto" ? "" : next);
}
const turn = () => theme(themes[(themes.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % themes.length]);
$("#theme").addEventListener("click", turn);
if (themes.includes(state.get("theme"))) theme(state.get("theme"));

// --- Keys ---
const help = $("#help");
$("#keys").addEventListener("click", () => help.showModal());

function focusFilter() {
  const inputs = $$("form[data-for] input[type=search]");
  const middle = innerHeight / 2;
  const away = (el) => Math.abs(el.getBoundingClientRect().top - middle);
  inputs.sort((a, b) => away(a) - away(b))[0]?.focus();
}

function step(by) {
  const rows = $$("tr[tabindex]").filter((of) => of.offsetParent !== null);
  const here = rows.indexOf(document.activeElement.closest?.("tr"));
  const first = rows.findIndex((of) => of.getBoundingClientRect().top > 60);
  rows[Math.max(0, Math.min(rows.length - 1, here >= 0 ? here + by : first))]?.focus();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox], [type=range]), select, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey || (help.open && event.key !== "?")) return;
  if (event.key === "Escape" && typing && event.target.form?.dataset.for) {
    event.target.form.reset();
    filter(event.target.form);
    event.target.blur();
  } else if (event.key === "Escape") select(null);
  else if (typing) return;
  else if (event.key === "/") {
    event.preventDefault();
    focusFilter();
  } else if (event.key === "?") help.open ? help.close() : help.showModal();
  else if (event.key === "t") turn();
  else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "c" && row) actions.place();
  else if (/^[1-9]$/.test(event.key)) {
    const service = data.services.find((one) => one.rank === Number(event.key));
    if (service && document.getElementById(service.key)) location.hash = `#${service.key}`;
  }
});

// --- Print: what is folded is opened, and folded again; or one service alone ---
let opened = [];
addEventListener("beforeprint", () => {
  opened = $$("details:not([open])");
  opened.forEach((el) => (el.open = true));
});
addEventListener("afterprint", () => opened.forEach((el) => (el.open = false)));

function printOnly(id) {
  const section = document.getElementById(id);
  if (!section) return;
  section.classList.add("alone");
  document.documentElement.dataset.printOnly = id;
  const after = () => {
    section.classList.remove("alone");
    delete document.documentElement.dataset.printOnly;
  };
  addEventListener("afterprint", after, { once: true });
  print();
}
for (const button of $$("[data-print]")) button.addEventListener("click", () => printOnly(button.dataset.print));

// --- A row of the ranking lights up its point ---
for (const of of $$("#t-ranking tbody tr")) {
  const points = $$(`.pt[data-key="${of.dataset.key}"]`);
  of.addEventListener("pointerenter", () => points.forEach((point) => point.classList.add("on")));
  of.addEventListener("pointerleave", () => points.forEach((point) => point.classList.remove("on")));
}

// --- The rail marks the section in view ---
const links = new Map($$(".rail > ol > li > a").map((link) => [link.hash.slice(1), link]));
const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(target.id)?.setAttribute("aria-current", "true");
    }
  },
  { rootMargin: "-20% 0px -75% 0px" },
);
for (const id of links.keys()) {
  const part = document.getElementById(id);
  if (part) seen.observe(part);
}
