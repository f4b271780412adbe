"use strict";
// A form that is filled in offline. It keeps the rules that the program keeps when it reads the record (records/ in the
// program): what is normal, what is missing, what does not agree. Nothing is sent anywhere.
(() => {
  const form = JSON.parse(document.getElementById("qm-form").textContent);
  const say = (text, details = {}) => (form.texts[text] || text).replace(/\{(\w+)\}/g, (_, name) => details[name] ?? "");
  const fields = new Map();
  for (const field of form.fields) {
    fields.set(field.key, field);
    field.byKey = new Map((field.columns || []).map((column) => [column.key, column]));
  }
  const inputs = (name) => [...document.getElementsByName(name)];

  // -- what is normal (records/normal.py) --
  const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufeff\ufffe\uffff]/g;
  const whole = (given) => (given.toWellFormed ? given.toWellFormed() : given); // browsers before 2023 have it not
  const text = (given) =>
    whole(given.replace(/\r\n?/g, "\n").replace(CONTROL, "")).split("\n").map((line) => line.trimEnd()).join("\n").trim();
  const number = (field, given) => {
    let plain = given.normalize("NFKC").trim();
    const unit = field.unit.normalize("NFKC");
    if (unit && plain.endsWith(unit)) plain = plain.slice(0, -unit.length).trim();
    plain = plain.replace("−", "-");
    if (/^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(plain)) plain = plain.replaceAll(",", "");
    const pattern = field.type === "integer" ? /^[+-]?\d{1,15}(\.0*)?$/ : /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?$/;
    const digits = plain.replace(/[eE].*|[^0-9]/g, "").replace(/^0+|0+$/g, "");
    if (!pattern.test(plain) || digits.length > 15 || !isFinite(Number(plain))) return text(given);
    return Number(plain) + 0;
  };
  const normal = (field, given) => {
    if (given === "") return undefined;
    const value = field.type === "integer" || field.type === "number" ? number(field, given) : text(given);
    return value === "" ? undefined : value;
  };

  // -- the record and the page --
  function collect() {
    const values = {};
    for (const [name, table, row, key, option] of form.slots) {
      const field = table ? fields.get(table).byKey.get(key) : fields.get(key);
      const found = inputs(name);
      let value;
      if (option) value = found[0].checked ? option : undefined;
      else if (field.type === "one of") value = found.find((one) => one.checked)?.value;
      else value = normal(field, found[0].value);
      if (value === undefined) continue;
      let place = values;
      if (table) {
        const rows = (values[table] ??= []);
        while (rows.length < row) rows.push({});
        place = rows[row - 1];
      }
      if (option) (place[key] ??= []).push(value);
      else place[key] = value;
    }
    const ordered = {};
    for (const key of fields.keys()) if (key in values) ordered[key] = values[key];
    return { form: form.id, revision: form.revision, digest: form.digest, values: ordered };
  }

  function fill(record) {
    for (const [name, table, row, key, option] of form.slots) {
      const place = table ? (record.values[table] || [])[row - 1] || {} : record.values;
      const value = place[key];
      for (const one of inputs(name)) {
        if (option) one.checked = Array.isArray(value) && value.includes(option);
        else if (one.type === "radio") one.checked = one.value === value;
        else one.value = value === undefined ? "" : String(value);
        grow(one);
      }
    }
  }

  // -- what does not agree (records/validate.py) --
  const named = (field, row, column) => (column ? `${field.label} ${row} · ${column.label}` : field.label);
  const T = form.why;
  function why(field, value) {
    if (field.type === "integer" || field.type === "number") {
      if (typeof value !== "number") return say(field.type === "integer" ? T.whole : T.number);
      if (field.min !== null && value < field.min) return say(T.least, { least: `${field.min}${field.unit}` });
      if (field.max !== null && value > field.max) return say(T.most, { most: `${field.max}${field.unit}` });
    } else if (field.type === "date") {
      if (!/^\d{4}-\d\d-\d\d$/.test(value)) return say(T.date);
    } else if (field.type === "text") {
      const most = field.pattern ? form.patterned : form.longest;
      if ([...value].length > most) return say(T.long, { most });
      if (field.pattern && !fits(field.pattern, value)) return say(T.pattern, { hint: field.hint || field.pattern });
    }
    return "";
  }
  function fits(pattern, value) {
    try { return new RegExp(`^(?:${pattern})$`).test(value); } catch { return true; } // the program knows more patterns
  }
  function check() {
    const values = collect().values;
    const found = [];
    const note = (name, place, reason) => reason && found.push({ name, place, reason });
    const one = (field, value, name, place) =>
      note(name, place, value === undefined ? field.required && say(T.missing) : why(field, value));
    for (const field of form.fields) {
      if (field.type !== "rows") one(field, values[field.key], field.key, field.label);
      else (values[field.key] || []).forEach((row, at) => {
        if (!Object.keys(row).length) return;
        for (const column of field.columns)
          one(column, row[column.key], `${field.key}/${at + 1}/${column.key}`, named(field, at + 1, column));
      });
    }
    const told = new Set();
    for (const rule of form.rules) agree(rule, values, (name, place) => {
      if (!told.has(place)) note(name, place, say(T.rule, { message: rule.message || "…" }));
      told.add(place);
    });
    return found;
  }
  const holds = (value, option) => (Array.isArray(value) ? value.includes(option) : value !== undefined && String(value) === option);
  function agree(rule, values, tell) {
    const when = Object.entries(rule.when), tables = new Set();
    for (const key of [...Object.keys(rule.when), ...rule.require]) if (key.includes("/")) tables.add(key.split("/")[0]);
    const rows = [[0, "", {}]];
    for (const table of tables) (values[table] || []).forEach((row, at) => Object.keys(row).length && rows.push([at + 1, table, row]));
    for (const [at, table, row] of rows) {
      const value = (key) => {
        const [name, column] = key.split("/");
        return column === undefined ? values[key] : name === table ? row[column] : undefined;
      };
      if (!at && when.some(([key]) => key.includes("/"))) continue;
      if (!when.every(([key, option]) => holds(value(key), option))) continue;
      for (const key of rule.require) {
        const [name, column] = key.split("/"), field = fields.get(name);
        if (column !== undefined && (!at || name !== table)) continue;
        if (value(key) === undefined)
          tell(column === undefined ? key : `${name}/${at}/${column}`, named(field, at, field.byKey.get(column)));
      }
    }
  }

  // -- buttons --
  const box = document.getElementById("qm-told");
  function tell(title, found = [], bad = found.length > 0) {
    document.querySelectorAll(".wrong").forEach((one) => one.classList.remove("wrong"));
    box.hidden = false;
    box.className = bad ? "told bad" : "told";
    box.replaceChildren(document.createTextNode(title));
    const list = box.appendChild(document.createElement("ul"));
    for (const { name, place, reason } of found) {
      const input = inputs(name)[0] || document.querySelector(`[name^="${CSS.escape(name)}/"]`);
      input?.classList.add("wrong");
      const button = list.appendChild(document.createElement("li")).appendChild(document.createElement("button"));
      button.type = "button";
      button.textContent = `${place}：${reason}`;
      button.onclick = () => { input?.scrollIntoView({ block: "center" }); input?.focus(); };
    }
    box.scrollIntoView({ block: "nearest" });
  }
  let changed = false;
  const stamp = () => new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  const actions = {
    check() {
      const found = check();
      tell(found.length ? say(T.found, { count: found.length }) : say(T.sound), found);
    },
    save() {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([JSON.stringify(collect(), null, 1) + "\n"], { type: "application/json" }));
      link.download = `${form.file}_${stamp()}.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      changed = false;
      const found = check();
      tell(say(found.length ? T.savedOpen : T.saved, { name: link.download, count: found.length }), found);
    },
    open() { document.getElementById("qm-file").click(); },
    print() { window.print(); },
  };
  for (const button of document.querySelectorAll(".bar button")) button.onclick = actions[button.dataset.do];
  async function reopen(file) {
    let record;
    try { record = file.size < 5e6 ? JSON.parse(await file.text()) : null; } catch { record = null; }
    if (typeof record?.form !== "string" || typeof record.values !== "object" || record.values === null)
      return tell(say(T.none), [], true);
    if (record.form !== form.id) return tell(say(T.other, { name: record.form }), [], true);
    if (record.revision !== form.revision || record.digest !== form.digest)
      return tell(say(T.older, { revision: record.revision }), [], true);
    fill(record);
    changed = false;
    tell(say(T.opened, { name: file.name }));
  }
  const chosen = document.getElementById("qm-file");
  chosen.onchange = () => { if (chosen.files[0]) reopen(chosen.files[0]); chosen.value = ""; };

  function grow(one) {
    one.classList?.toggle("given", Boolean(one.value));
    if (one.tagName !== "TEXTAREA") return;
    one.style.height = "auto";
    one.style.height = `${one.scrollHeight + 2}px`;
  }
  let last = null; // a circle that is ticked can be cleared by ticking it again
  document.addEventListener("mousedown", (event) => {
    const radio = event.target.closest("label")?.querySelector("input[type=radio]");
    last = radio?.checked ? radio : null;
  });
  document.addEventListener("click", (event) => {
    if (last && event.target === last) { last.checked = false; last = null; changed = true; }
  });
  document.addEventListener("input", (event) => { changed = true; event.target.classList?.remove("wrong"); grow(event.target); });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  window.qmanual = { collect, fill, check };
})();
