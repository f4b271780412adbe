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
  const known = window.QMANUAL_ISSUED || { day: "", texts: [], pdfs: {} };
  const NAMES = ["id", "title", "revision", "status", "state", "starts", "until", "heir", "page", "home", "replaced"];
  const texts = known.texts.map((line) => Object.fromEntries(NAMES.map((name, at) => [name, line[at]])));
  const LAST = 200, MOST = 200; // of streams and of their pieces that are read, so that no file keeps the browser busy
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
    const raw = new TextDecoder("latin1").decode(data);
    const packed = [...raw.matchAll(/\/Type\s*\/ObjStm\b[^>]*>>\s*stream\r?\n/g)].slice(-LAST).map((found) => {
      const start = found.index + found[0].length;
      return inflated(data.subarray(start, raw.indexOf("endstream", start)));
    });
    const text = [raw, ...(await Promise.all(packed))].join("\n");
    const value = (name) => {
      const found = [...text.matchAll(new RegExp(`/${name}\\s*(?:<([0-9A-Fa-f\\s]*)>|\\(((?:\\\\[^]|[^\\\\)])*)\\))`, "g"))].at(-1);
      if (!found) return "";
      return found[1] !== undefined ? hexadecimal(found[1].replace(/\s/g, "")) : plain(found[2]);
    };
    return { title: value("Title"), subject: value("Subject") };
  }

  async function inflated(bytes) {
    const parts = [];
    try {
      const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        parts.push(new TextDecoder("latin1").decode(part.value));
        if (parts.length > MOST) break;
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

  async function unknown(data) {
    const parts = [];
    if (!Object.keys(known.pdfs).length) parts.push(element("p", "qm-banner qm-banner--note", say("none")));
    const { title, subject } = await claim(data);
    const words = [subject, title].filter(Boolean).join(" ");
    if (!words) return [...parts, element("p", "", say("no_claim"))];
    parts.push(element("p", "", say("claims", { words: `“${words}”` })));
    const text = texts.find((one) => subject.trim() === `${one.id} ${one.revision}`.trim());
    if (!text) return [...parts, element("p", "", say("claim_strange"))];
    return [...parts, element("p", "", say("claim_known", text)), ...about(text, false)];
  }

  async function verify(file) {
    const mine = ++turn;
    verdict.replaceChildren(element("p", "", say("reading", { name: file.name })));
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
    const text = texts[known.pdfs[sum]];
    const end = element("p", "qm-verdict__digest", `${say("digest")} `, element("code", "", sum), ` · ${say("size", { size: data.length.toLocaleString() })}`);
    const more = text ? about(text) : await unknown(data);
    if (mine !== turn) return;
    if (text) show(file, stateOn(text, today()) === "effective" ? "issued" : "known", say("issued"), ...more, end);
    else show(file, "bad", say("unknown"), element("p", "", say("why")), ...more, end);
  }

  function show(file, outcome, sentence, ...more) {
    verdict.replaceChildren(element("p", "qm-verdict__file", file.name),
      element("p", `qm-verdict__bytes qm-verdict__bytes--${outcome}`, sentence), ...more);
    verdict.setAttribute("aria-busy", "false");
    input.value = "";
  }

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
