/* What a PDF is: its SHA-256 is looked up among those that were issued (issued.js, beside this). The file is read in the
   browser and goes nowhere. No library, no network; works from file:// and from plain http as well. */
"use strict";
(() => {
  const place = document.querySelector("[data-qm-verify]");
  if (!place) return;
  const said = JSON.parse(place.dataset.texts);
  const drop = place.querySelector("[data-qm-drop]");
  const input = place.querySelector("input");
  const verdict = place.querySelector(".qm-verdict");
  const issued = window.QMANUAL_ISSUED;
  const known = Array.isArray(issued?.texts) && issued.pdfs ? issued : { day: "", texts: [], pdfs: {} };
  const NAMES = ["id", "title", "revision", "status", "state", "starts", "until", "heir", "page", "home", "replaced", "digest"];
  const texts = known.texts.map((line) => Object.fromEntries(NAMES.map((name, at) => [name, line[at]])));
  /* What is read of a file for what it says of itself: its size, its last streams, the size of each, the signs of a value.
     No file keeps the browser busy; and nobody writes a verdict of his own into the one of this page. */
  const LARGEST = 64 * 1024 * 1024, LAST = 200, MOST = 1024 * 1024, SIGNS = 200;
  let turn = 0;

  const say = (name, details = {}) => said[name].replace(/\{(\w+)\}/g, (all, key) => details[key] ?? all);

  function element(tag, style, ...children) {
    const made = document.createElement(tag);
    if (style) made.className = style;
    made.append(...children);
    return made;
  }

  function link(href, text) {
    const made = element("a", "", text);
    made.href = encodeURI(href);
    return made;
  }

  /* -- SHA-256. The browser's own is missing where a page comes over plain http; then this one serves (FIPS 180-4). -- */

  async function digest(data) {
    const made = globalThis.crypto?.subtle ? new Uint8Array(await crypto.subtle.digest("SHA-256", data)) : sha256(data);
    return [...made].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function constants() {
    const fraction = (number) => Math.floor((number - Math.floor(number)) * 2 ** 32);
    const primes = [];
    for (let one = 2; primes.length < 64; one++) if (primes.every((prime) => one % prime)) primes.push(one);
    return [primes.map((prime) => fraction(Math.cbrt(prime))), primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))];
  }

  function sha256(data) {
    const [K, H] = constants();
    const sum = new Uint32Array(H), w = new Uint32Array(64);
    const padded = new Uint8Array(Math.ceil((data.length + 9) / 64) * 64);
    padded.set(data);
    padded[data.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(data.length / 2 ** 29));
    view.setUint32(padded.length - 4, (data.length * 8) >>> 0);
    const turned = (x, n) => (x >>> n) | (x << (32 - n));
    for (let start = 0; start < padded.length; start += 64) {
      for (let at = 0; at < 16; at++) w[at] = view.getUint32(start + 4 * at);
      for (let at = 16; at < 64; at++) {
        const a = w[at - 15], b = w[at - 2];
        w[at] = w[at - 16] + (turned(a, 7) ^ turned(a, 18) ^ (a >>> 3)) + w[at - 7] + (turned(b, 17) ^ turned(b, 19) ^ (b >>> 10));
      }
      let [a, b, c, d, e, f, g, h] = sum;
      for (let at = 0; at < 64; at++) {
        const one = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + K[at] + w[at];
        const two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
      }
      [a, b, c, d, e, f, g, h].forEach((value, at) => { sum[at] += value; });
    }
    const out = new Uint8Array(32);
    sum.forEach((word, at) => new DataView(out.buffer).setUint32(4 * at, word));
    return out;
  }

  /* -- What a PDF says of itself: the title, and the number with the revision, in its information dictionary, which
        may stand in a compressed stream of objects (PDF 32000-1, 7.5.7 and 14.3.3). ------------------------------- */

  async function claim(data) {
    if (data.length > LARGEST) return { title: "", subject: "" };
    const raw = new TextDecoder("latin1").decode(data);
    const packed = [];
    for (let at = raw.indexOf("/ObjStm"); at >= 0; at = raw.indexOf("/ObjStm", at)) {
      const start = raw.indexOf("stream", at);
      at = start < 0 ? -1 : raw.indexOf("endstream", start);
      if (at < 0) break;
      packed.push(data.subarray(start + (raw[start + 6] === "\r" ? 8 : 7), at));
      if (packed.length > LAST) packed.shift();
    }
    const parts = [raw];
    for (const bytes of packed) {
      const part = await inflated(bytes);
      if (/\/(Title|Subject)\b/.test(part)) parts.push(part);
    }
    const form = (name) => new RegExp(`/${name}\\s{0,9}(?:<([0-9A-Fa-f\\s]{0,8000})>|\\(((?:\\\\[^]|[^\\\\()]){0,2000})\\))`, "g");
    const value = (found) => found && shown(found[1] === undefined ? plain(found[2]) : hexadecimal(found[1].replace(/\s/g, "")));
    let subject, title;
    for (const part of parts) for (const found of part.matchAll(form("Subject"))) subject = found;
    /* Bookmarks have titles too: the document's own stands in one dictionary with its subject. */
    const around = ({ input, index }) => input.slice(Math.max(0, input.lastIndexOf("<<", index)), input.indexOf(">>", index) + 1 || undefined);
    for (const part of subject ? [around(subject)] : parts) for (const found of part.matchAll(form("Title"))) title = found;
    return { title: value(title) ?? "", subject: value(subject) ?? "" };
  }

  /* In one line, not too long, without signs that are not seen or turn the direction of writing. */
  function shown(text) {
    return [...text.slice(0, 4 * SIGNS).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "")].slice(0, SIGNS).join("");
  }

  async function inflated(bytes) {
    const parts = [];
    let size = 0;
    let at = 0; // given in small pieces: a browser inflates all of a piece at once, to a thousand times its size
    const pull = (to) => (at < bytes.length ? to.enqueue(bytes.subarray(at, (at += 1024))) : to.close());
    try {
      const reader = new ReadableStream({ pull }).pipeThrough(new DecompressionStream("deflate")).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        parts.push(new TextDecoder("latin1").decode(part.value));
        size += part.value.length;
        if (size > MOST) await reader.cancel();
      }
    } catch {
      // what came until the end of the line, or nothing in a browser without streams, is all that is known
    }
    return parts.join("");
  }

  function hexadecimal(digits) {
    const bytes = Uint8Array.from(digits.match(/../g) || [], (pair) => parseInt(pair, 16));
    return utf16(bytes) ?? new TextDecoder("latin1").decode(bytes);
  }

  function plain(text) {
    const raw = text.replace(/\\([0-7]{1,3}|[^])/g, (all, one) => (/[0-7]/.test(one) ? String.fromCharCode(parseInt(one, 8)) : one));
    return utf16(Uint8Array.from(raw, (sign) => sign.charCodeAt(0) & 255)) ?? raw;
  }

  const utf16 = (bytes) => (bytes[0] === 0xfe && bytes[1] === 0xff ? new TextDecoder("utf-16be").decode(bytes.subarray(2)) : null);

  /* -- The verdict ------------------------------------------------------------------------------------------------ */

  function today() {
    const now = new Date();
    return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
  }

  /* Where a text stands on a day. That one comes into force or ends is known beforehand; later releases are not. */
  function stateOn(text, day) {
    if (text.state === "draft" || text.state === "in-review" || !text.starts) return text.state;
    if (text.until && text.until <= text.starts) return "superseded";
    if (text.until && text.until <= day) return text.heir ? "superseded" : "withdrawn";
    if (text.state === "withdrawn") return "withdrawn";
    return text.starts > day ? "approved" : "effective";
  }

  function standing(text, day) {
    const state = stateOn(text, day);
    if (state === "draft" || state === "in-review") return say("draft");
    if (state === "superseded" && text.until <= text.starts) return say("never", text);
    if (state === "withdrawn" && !text.until) return say("withdrawn_bare");
    return say(state, text);
  }

  function about(text, sure = true) {
    const day = today();
    const state = stateOn(text, known.day);
    const parts = [
      element("p", "qm-verdict__what", element("span", "qm-number", text.id), ` ${text.revision} `, element("b", "", text.title), " ",
        element("span", `qm-status qm-status--${text.state}`, text.status)),
      element("p", `qm-banner qm-banner--${{ effective: sure ? "valid" : "note", approved: "approved", draft: "draft", "in-review": "draft" }[state] || "withdrawn"}`,
        standing(text, known.day), text.replaced ? ` ${say("replaced", { number: text.replaced })}` : ""),
      element("p", "qm-verdict__days", say("days", { day: known.day, today: day })),
    ];
    if (stateOn(text, day) !== state) parts.push(element("p", "qm-banner qm-banner--draft", `${say("clock")} ${standing(text, day)}`));
    const links = [];
    if (text.page) links.push(link(text.page, say("open")));
    if (text.home && text.home !== text.page) links.push(link(text.home, say("valid")));
    if (links.length) parts.push(element("p", "qm-verdict__links", ...links));
    return parts;
  }

  /* A numbered copy: who got it, whether it came back, whether it should. */
  const COPY = ["at", "id", "revision", "number", "holder", "on", "act", "ended"];
  function copyOf(sum) {
    const line = known.copies && Object.hasOwn(known.copies, sum) ? known.copies[sum] : null;
    return line && Object.fromEntries(COPY.map((name, at) => [name, line[at]]));
  }

  function aboutCopy(copy, text) {
    const valid = text && stateOn(text, today()) === "effective", out = copy.act === "issued";
    const state = out ? (valid ? "copy_held" : "copy_due") : `copy_${copy.act}`;
    const banner = element("p", `qm-banner qm-banner--${out && valid ? "valid" : "withdrawn"}`, say(state, copy));
    return [out && valid ? "issued" : "known", say("copy", copy), banner];
  }

  async function unknown(data) {
    const parts = [];
    if (!Object.keys(known.pdfs).length) parts.push(element("p", "qm-banner qm-banner--note", say("none")));
    const { title, subject } = await claim(data).catch(() => ({ title: "", subject: "" }));
    const words = [subject, title].filter(Boolean).join(" ");
    if (!words) return [...parts, element("p", "", say("no_claim"))];
    parts.push(element("p", "", say("claims", { words: `“${words}”` })));
    const text = texts.find((one) => subject.trim() === `${one.id} ${one.revision}`.trim());
    if (!text) return [...parts, element("p", "", say("claim_strange"))];
    return [...parts, element("p", "", say("claim_known", text)), ...about(text, false)];
  }

  async function verify(file) {
    const mine = ++turn;
    verdict.replaceChildren(element("p", "", say("reading", { name: shown(file.name) })));
    verdict.setAttribute("aria-busy", "true");
    let data;
    try {
      data = new Uint8Array(await file.arrayBuffer());
    } catch {
      return mine === turn && show(file, "bad", say("unreadable"));
    }
    if (!new TextDecoder("latin1").decode(data.subarray(0, 1024)).includes("%PDF-")) return mine === turn && show(file, "bad", say("not_pdf"));
    const sum = await digest(data);
    if (mine !== turn) return;
    const copy = copyOf(sum), text = texts[copy ? copy.at : known.pdfs[sum]];
    const end = element("p", "qm-verdict__digest", `${say("digest")} `, element("code", "", sum), ` · ${say("size", { size: data.length.toLocaleString() })}`);
    const more = text ? about(text) : copy ? [] : await unknown(data);
    if (mine !== turn) return;
    if (copy) return show(file, ...aboutCopy(copy, text), ...more, end);
    if (text) show(file, stateOn(text, today()) === "effective" ? "issued" : "known", say("issued"), ...more, end);
    else show(file, "bad", say("unknown"), element("p", "", say("why")), ...more, end);
  }

  function show(file, outcome, sentence, ...more) {
    verdict.replaceChildren(element("p", "qm-verdict__file", shown(file.name)),
      element("p", `qm-verdict__bytes qm-verdict__bytes--${outcome}`, sentence), ...more);
    verdict.setAttribute("aria-busy", "false");
    input.value = "";
  }

  /* -- What the code on a print leads to: number, revision and digest stand behind the #, which no server is told. -- */

  function scanned() {
    const said = new URLSearchParams(location.hash.slice(1));
    const [id, revision, sum] = ["id", "rev", "digest"].map((name) => shown(said.get(name) || "").trim());
    if (!id && !revision && !sum) return;
    turn++;
    const words = [id, revision, sum].filter(Boolean).join(" · ");
    const head = element("p", "qm-verdict__file", say("code", { words }));
    const named = id ? texts.filter((one) => one.id === id && one.revision === revision) : [];
    const same = named.find((one) => sum.length >= 12 && one.digest.startsWith(sum.toLowerCase()));
    const text = same || named[0];
    const [outcome, sentence] = !id ? ["bad", "code_short"] : !text ? ["bad", "claim_strange"] : !same ? ["bad", "code_other"]
      : [stateOn(same, today()) === "effective" ? "issued" : "known", "code_same"];
    verdict.replaceChildren(head, element("p", `qm-verdict__bytes qm-verdict__bytes--${outcome}`, say(sentence)),
      ...(text ? about(text, Boolean(same)) : []), element("p", "qm-verdict__days", say("code_hint")));
    verdict.setAttribute("aria-busy", "false");
  }

  scanned();
  addEventListener("hashchange", scanned);
  input.addEventListener("change", () => { if (input.files[0]) verify(input.files[0]); });
  for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("qm-drop--over"); });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("qm-drop--over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) verify(event.dataTransfer.files[0]);
  });
  /* A file dropped beside the field would otherwise open in place of the page. */
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
})();
