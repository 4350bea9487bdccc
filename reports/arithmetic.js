"use strict";
// Signals and weights -> benefit, risk, verdict, score, waves: the program's own arithmetic (assess/score.py, assess/waves.py) once
// more. Pure functions over the page's data; a test compares both over many weights.
const Score = (() => {
  const TECHNICAL = ["io", "cpu", "foot"];
  const HOLDS = ["hold", "idle"]; // what holds code in Python; what makes speed worthless, for the families of speed
  const FAST = ["io", "cpu"];
  const ON_GOAL = { throughput: ["io", "cpu"], footprint: ["foot"] };
  const GATES = ["wire", "cycle", "scripts", "no-oracle"];
  const PORTS = ["port-first", "port-later"];
  const sum = (values) => values.reduce((total, value) => total + value, 0);

  function familyWeights(at) {
    const weights = {};
    for (const [name, given] of Object.entries(at.families)) {
      const value = at.goal === "footprint" && name === "foot" ? at.thresholds.foot_own : given;
      weights[name] = name === "lever" || HOLDS.includes(name) || ON_GOAL[at.goal].includes(name) ? value : value * at.thresholds.off_goal;
    }
    return weights;
  }

  function benefit(values, at, isNet) {
    const logs = Object.fromEntries(Object.keys(at.families).map((name) => [name, []]));
    for (const [name, value] of Object.entries(values)) {
      const signal = at.signals[name];
      if (value === null || !signal || signal.axis !== "benefit" || !signal.family) continue;
      const kept = isNet ? value * (1 - signal.remedy) : value;
      logs[signal.family].push(-Math.log(1 - Math.min(signal.weight * kept, 0.999)));
    }
    const weights = familyWeights(at);
    const left = (family) => Math.exp(-(weights[family] ?? 1) * sum(logs[family] ?? []));
    const scores = {};
    for (const [family, rows] of Object.entries(logs)) {
      if (HOLDS.includes(family)) continue;
      scores[family] = rows.length ? 1 - Math.exp(-0.5 * (Math.max(...rows) + sum(rows))) : 0;
      if (FAST.includes(family)) scores[family] *= left("idle");
    }
    if ("lever" in scores) scores.lever *= Math.max(...TECHNICAL.map((family) => scores[family] ?? 0));
    const reasons = 1 - Object.entries(scores).reduce((left, [family, score]) => left * (1 - weights[family] * score), 1);
    return 100 * reasons * left("hold");
  }

  function risk(values, at) {
    const lean = at.thresholds.unknown_risk;
    const weights = Object.entries(at.signals).filter(([, signal]) => signal.axis === "risk");
    const total = sum(weights.map(([, signal]) => signal.weight));
    const known = weights.filter(([name]) => (values[name] ?? null) !== null);
    if (!total || !known.length) return 100 * lean;
    const cover = sum(known.map(([, signal]) => signal.weight)) / total;
    return 100 * (sum(known.map(([name, signal]) => signal.weight * values[name])) / total + (1 - cover) * lean);
  }

  function coverage(values, at) {
    const names = Object.keys(values).filter((name) => at.signals[name]);
    const total = sum(names.map((name) => at.signals[name].weight));
    return total ? sum(names.filter((name) => values[name] !== null).map((name) => at.signals[name].weight)) / total : 0;
  }

  function verdict(n, at) {
    const t = at.thresholds;
    if (n.gates.includes("keep") || n.benefit < t.keep_benefit) return "keep-in-python";
    const gain = Math.min(n.benefit, n.benefitBeside);
    const net = Math.min(n.net, n.netBeside);
    if (net < t.optimise_net || gain < t.optimise_benefit) return "optimise-in-python";
    const isTied = n.cut >= t.decouple_cut || n.data >= t.decouple_data || n.gates.some((gate) => GATES.includes(gate));
    if (n.risk > t.decouple_risk || isTied) return "decouple-first";
    const isStrong = gain >= t.port_benefit && net >= t.port_net;
    const isSure = n.confidence >= t.port_confidence && n.strength >= t.port_entry;
    const isFirst = isStrong && n.risk <= t.port_risk && isSure && !n.gates.includes("library") && !n.gates.includes("large");
    return isFirst ? "port-first" : "port-later";
  }

  // One service with these values; `before` holds the weights under which its confidence is known.
  function rescore(service, values, at, before) {
    const { blocking_in_async: _, ...beside } = values;
    const n = {
      benefit: benefit(values, at, false),
      net: benefit(values, at, true),
      risk: risk(values, at),
      confidence: service.confidence + at.coverage * (coverage(values, at) - coverage(service.values, before)),
      strength: service.strength,
      cut: values.cut ?? 0,
      data: values.data ?? 0,
      benefitBeside: benefit(beside, at, false),
      netBeside: benefit(beside, at, true),
      gates: [...service.gates],
    };
    const isBlind = values.tests === 1 && !service.contracts;
    if (isBlind && n.risk >= at.thresholds.oracle_risk) n.gates.push("no-oracle");
    const of = verdict(n, at);
    const t = at.thresholds;
    const isNothing = n.net <= 0 || n.risk >= 100;
    const priority = isNothing ? 0 : n.net ** t.priority_benefit * (100 - n.risk) ** t.priority_risk;
    return { service, verdict: of, benefit: n.benefit, net: n.net, risk: n.risk, score: priority * (at.factors[of] ?? 0) };
  }

  // What the reader knows of a service, put into its signals: real traffic weakens what the code suggests.
  function known(service, facts, at) {
    const values = { ...service.values };
    if (facts.load !== undefined) {
      for (const name of Object.keys(values)) {
        if (values[name] !== null && TECHNICAL.includes(at.signals[name]?.family)) values[name] *= facts.load / 100;
      }
    }
    if (facts.cost !== undefined && "cost_share" in at.signals) values.cost_share = facts.cost / 100;
    if (facts.replicas !== undefined && "replicas" in at.signals) {
      values.replicas = facts.replicas > 1 ? Math.min(1, Math.log2(facts.replicas) / at.thresholds.leverage_log2) : 0;
    }
    return values;
  }

  const rounded = (value) => Math.round(value * 1e4) / 1e4;

  // All services under `at`, in the order of the ranking; those that were not judged keep their place at the end.
  function rank(services, at, before, facts = {}) {
    const judged = services.filter((service) => service.score !== null);
    const rows = judged.map((service) => rescore(service, known(service, facts[service.key] ?? {}, at), at, before));
    const order = (a, b) =>
      rounded(b.score) - rounded(a.score) ||
      (a.service.days?.[1] ?? 0) - (b.service.days?.[1] ?? 0) ||
      a.service.called - b.service.called ||
      (a.service.id < b.service.id ? -1 : a.service.id > b.service.id ? 1 : 0);
    return rows.sort(order);
  }

  // Rows in rank order -> ids per wave: a pilot, then what others import first; `wave_days` is what a wave may take.
  function waves(rows, at) {
    const t = at.thresholds;
    const left = new Map(rows.filter((row) => PORTS.includes(row.verdict)).map((row) => [row.service.id, row]));
    const days = (row) => row.service.days?.[1] ?? 0;
    const waits = (row, others) => row.service.needs.some((id) => id !== row.service.id && others.has(id));
    const isPilot = (row) =>
      row.service.pilot && row.benefit >= t.pilot_benefit && row.risk <= t.pilot_risk && days(row) <= t.pilot_days;
    const pilot = [...left.values()].find(isPilot);
    const found = pilot ? [[pilot.service.id]] : [];
    if (pilot) left.delete(pilot.service.id);
    while (left.size) {
      let free = [...left.values()].filter((row) => !waits(row, left));
      if (!free.length) free = [left.values().next().value];
      const wave = [];
      let spent = 0;
      let isRisky = false;
      for (const row of free) {
        if (wave.length && (spent + days(row) > t.wave_days || (isRisky && row.risk > t.port_risk))) continue;
        wave.push(row.service.id);
        spent += days(row);
        isRisky ||= row.risk > t.port_risk;
      }
      wave.forEach((id) => left.delete(id));
      found.push(wave);
    }
    return found;
  }

  return { rank, waves, rescore };
})();
