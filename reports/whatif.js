// --- What if: other weights, another goal, known traffic and cost, another team; the ranking follows ---
const form = $("#whatif");
if (form) {
  const controls = [...form.elements].filter((el) => el.name);
  const bounded = (el) => Math.min(Number(el.max), Math.max(Number(el.min), Number(el.value)));
  const initial = new Map(controls.map((el) => [el, el.value])); // as the browser holds them: a slider rounds to its steps
  const isChanged = (el) => el.value !== initial.get(el) && el.value !== "";

  // The weights of the page as they stand now.
  function weighed() {
    const at = structuredClone(data);
    at.goal = form.elements.goal.value;
    for (const el of controls) {
      const [group, name] = el.name.split(".");
      if (group === "family" && isChanged(el)) at.families[name] = bounded(el);
      if (group === "signal" && isChanged(el)) at.signals[name].weight = bounded(el);
    }
    const { people, months } = form.elements;
    if (isChanged(people) || isChanged(months)) {
      at.thresholds.wave_days = bounded(people) * bounded(months) * (at.thresholds.days_per_month ?? 19);
    }
    return at;
  }

  function facts() {
    const found = {};
    for (const el of controls) {
      const [group, key] = el.name.split(/\.(.*)/);
      if (["load", "cost", "replicas"].includes(group) && el.value !== "") (found[key] ??= {})[group] = bounded(el);
    }
    return found;
  }

  const mark = (verdict) => data.verdicts[verdict]?.[0] ?? "N";
  const words = (verdict) => data.verdicts[verdict]?.[1] ?? verdict;

  const table = $("#t-ranking");
  const home = new Map($$("tbody tr", table).map((tr) => [tr.dataset.key, tr]));
  const before = new Map([...home].map(([key, tr]) => [key, tr.cloneNode(true)]));

  function number(cell, shown) {
    cell.dataset.v = shown;
    ($("b", cell) ?? $("span", cell) ?? cell).textContent = Math.round(shown).toString();
    $("svg rect", cell)?.setAttribute("width", `${Math.round(Math.min(100, shown))}%`);
  }

  function show(tr, scored, rank, wave) {
    const cells = tr.cells;
    const moved = scored.service.rank - rank;
    cells[0].dataset.v = rank;
    $(".rk", tr).textContent = rank;
    let note = $(".moved", tr);
    if (!note) {
      note = document.createElement("span");
      note.className = "moved";
      cells[0].append(note);
    }
    note.textContent = moved ? `${moved > 0 ? "▲" : "▼"} ${Math.abs(moved)}` : "=";
    number($(".sc", tr), scored.score);
    number($(".be", tr), scored.benefit);
    number($(".ri", tr), scored.risk);
    $(".wv", tr).textContent = wave ?? "–";
    const tag = $(".vt .tag", tr);
    if (tag && scored.verdict !== scored.service.verdict) {
      const letter = mark(scored.verdict);
      tag.className = `tag v${letter}`;
      $("use", tag).setAttribute("href", `#m-${letter}`);
      $(".mk", tag).setAttribute("class", `mk v${letter}`);
      tag.lastChild.textContent = `${words(scored.verdict)} (was ${words(scored.service.verdict)})`;
      tr.dataset.v = letter;
    }
  }

  function restore() {
    for (const [key, tr] of home) {
      const fresh = before.get(key).cloneNode(true);
      tr.replaceChildren(...fresh.childNodes);
      tr.dataset.v = fresh.dataset.v;
    }
    table.tBodies[0].append(...home.values());
  }

  function rerank() {
    for (const el of controls) {
      const output = $("output", el.parentElement);
      if (output) output.textContent = el.value;
      keep(el.name, isChanged(el) ? el.value : "");
    }
    restore();
    $$("thead th", table).forEach((head) => head.removeAttribute("aria-sort"));
    keep("sort.t-ranking", "");
    const changed = controls.filter(isChanged);
    const banner = $(".changed", form);
    banner.hidden = !changed.length;
    table.classList.toggle("reweighed", changed.length > 0);
    if (!changed.length) return;
    const at = weighed();
    const rows = Score.rank(data.services, at, data, facts());
    const waves = new Map(Score.waves(rows, at).flatMap((wave, i) => wave.map((id) => [id, i + 1])));
    const moves = [];
    rows.forEach((scored, index) => {
      const tr = home.get(scored.service.key);
      const by = scored.service.rank - (index + 1);
      if (by) moves.push(`${scored.service.name} ${by > 0 ? "up" : "down"} ${Math.abs(by)}`);
      if (!tr) return;
      show(tr, scored, index + 1, waves.get(scored.service.id));
      table.tBodies[0].append(tr);
    });
    table.tBodies[0].append(...[...home.values()].filter((tr) => !rows.some((one) => one.service.key === tr.dataset.key)));
    const turned = rows.filter((one) => one.verdict !== one.service.verdict);
    banner.textContent = [
      `Changed from default: ${changed.length} ${changed.length === 1 ? "value" : "values"}.`,
      moves.length ? `Moved: ${moves.slice(0, 8).join(", ")}${moves.length > 8 ? ` and ${moves.length - 8} more` : ""}.` : "The order is the same.",
      turned.length ? `Other verdict: ${turned.slice(0, 5).map((one) => `${one.service.name} ${words(one.verdict).toLowerCase()}`).join(", ")}${turned.length > 5 ? ` and ${turned.length - 5} more` : ""}.` : "Verdicts stay.",
      "The chart and the sections below show the scan.",
    ].join(" ");
  }

  // What `[tool.readiness]` would have to say; what only the page knows is a comment.
  function toml() {
    const at = weighed();
    const lines = ["[tool.readiness]"];
    if (at.goal !== data.goal) lines.push(`goal = "${at.goal}"`);
    const weights = controls.filter((el) => /^(family|signal)\./.test(el.name) && isChanged(el));
    if (weights.length) lines.push("", "[tool.readiness.weights]");
    for (const el of weights) lines.push(`${el.name.split(".")[1]} = ${bounded(el)}`);
    if (at.thresholds.wave_days !== data.thresholds.wave_days) {
      lines.push("", "[tool.readiness.thresholds]", `wave_days = ${at.thresholds.wave_days}`);
    }
    const say = { load: "% of the traffic that the code suggests", cost: "% of the monthly bill", replicas: "replicas" };
    for (const [key, known] of Object.entries(facts())) {
      const name = data.services.find((one) => one.key === key)?.name ?? key;
      for (const [what, amount] of Object.entries(known)) lines.push(`# known of ${JSON.stringify(name)}: ${amount} ${say[what]}`);
    }
    return `${lines.join("\n")}\n`;
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", rerank);
  form.addEventListener("reset", () => setTimeout(rerank));
  $("#copy-toml").addEventListener("click", () => copy(toml(), "the settings"));

  let wanted = false;
  for (const el of controls) {
    const given = state.get(el.name);
    if (given === null || (el.tagName === "SELECT" ? ![...el.options].some((one) => one.value === given) : given === "" || isNaN(given))) continue;
    el.value = el.tagName === "SELECT" ? given : Math.min(Number(el.max), Math.max(Number(el.min), Number(given)));
    wanted ||= isChanged(el);
    const fold = el.closest("details");
    if (fold && isChanged(el)) fold.open = true;
  }
  const sorted = state.get("sort.t-ranking");
  if (wanted) rerank();
  else if (sorted) state.set("sort.t-ranking", sorted);
}

restoring = false;
if (location.hash.includes("?")) {
  document.getElementById(anchor())?.scrollIntoView();
  if (state.has("print")) {
    const only = state.get("print");
    keep("print", "");
    printOnly(only);
  }
}
