/* Searching a package: every word of the query must stand in a document's number, title, department or text, as it is
   written. Upper and lower case and full-width letters are one. No library, no network; works from file://. */
"use strict";
(() => {
  const place = document.querySelector("[data-pk-search]");
  const said = JSON.parse(place.dataset.words);
  const list = document.querySelector("[data-pk-list]");
  const input = place.querySelector("input");
  const told = place.querySelector(".pk-told");
  const hits = place.querySelector(".pk-hits");
  const NAMES = ["id", "title", "revision", "kind", "owner", "pdf", "pages", "text"];
  const BEFORE = 24, AFTER = 60, SHOWN = 3, MOST = 200;

  const say = (name, details) => said[name].replace(/\{(\w+)\}/g, (all, key) => details[key] ?? all);
  /* One sign for one sign, so that what is found stands at the same place in the text as it is shown. */
  const fold = (text) => text.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/[\u3000\u00a0]/g, " ").replace(/[A-Z]/g, (sign) => sign.toLowerCase());
  const texts = JSON.parse(document.getElementById("pk-index").textContent).map((line) => {
    const one = Object.fromEntries(NAMES.map((name, at) => [name, line[at]]));
    return { ...one, head: fold(`${one.id} ${one.title} ${one.kind} ${one.owner}`), folded: fold(one.text) };
  });

  function element(tag, style, ...children) {
    const made = document.createElement(tag);
    if (style) made.className = style;
    made.append(...children);
    return made;
  }

  /* The text with every place of a word marked. */
  function marked(text, words) {
    const folded = fold(text), parts = [];
    let at = 0;
    while (at < text.length) {
      const next = words.map((word) => [folded.indexOf(word, at), word]).filter(([found]) => found >= 0)
        .sort((one, other) => one[0] - other[0] || other[1].length - one[1].length)[0];
      if (!next) break;
      parts.push(text.slice(at, next[0]), element("mark", "", text.slice(next[0], next[0] + next[1].length)));
      at = next[0] + next[1].length;
    }
    return [...parts, text.slice(at)];
  }

  function count(text, word) {
    let found = 0;
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) found++;
    return found;
  }

  /* Pieces of the text around the first places, none twice. */
  function pieces(one, words) {
    const found = [];
    let end = 0;
    while (found.length < SHOWN) {
      const starts = words.map((word) => one.folded.indexOf(word, end)).filter((at) => at >= 0);
      if (!starts.length) break;
      const at = Math.min(...starts);
      const next = one.text.indexOf("\n", at);
      const first = one.text.lastIndexOf("\n", at) + 1, last = next < 0 ? one.text.length : next;
      const from = Math.max(first, at - BEFORE), to = Math.min(last, at + AFTER);
      found.push([from > first ? "…" : "", one.text.slice(from, to), to < last ? "…" : ""].join(""));
      end = to;
    }
    return found;
  }

  function hit(one, words) {
    const link = element("a", "", ...marked(`${one.id} ${one.title}`, words));
    link.href = one.pdf;
    const where = [one.revision, one.kind, one.owner, say("pages", { count: one.pages })].filter(Boolean).join(" · ");
    const places = one.places ? ` · ${say("hits", { count: one.places })}` : "";
    return element("li", "", element("h3", "", link), element("p", "pk-where", where + places),
      ...pieces(one, words).map((piece) => element("p", "", ...marked(piece, words))));
  }

  function search() {
    const asked = input.value.trim();
    const words = fold(asked).split(/\s+/).filter(Boolean);
    list.hidden = words.length > 0;
    place.toggleAttribute("data-found", words.length > 0);
    if (!words.length) {
      told.textContent = "";
      hits.replaceChildren();
      return;
    }
    const found = texts.filter((one) => words.every((word) => one.head.includes(word) || one.folded.includes(word)))
      .map((one) => ({ ...one, named: words.filter((word) => one.head.includes(word)).length,
        places: words.reduce((sum, word) => sum + count(one.folded, word), 0) }))
      .sort((one, other) => other.named - one.named || other.places - one.places);
    told.textContent = say(found.length ? "some" : "none", { count: found.length, words: asked });
    hits.replaceChildren(...found.slice(0, MOST).map((one) => hit(one, words)));
  }

  let waiting = 0;
  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 120); });
  place.hidden = false;
  if (input.value) search(); // a browser that goes back to the page keeps what was typed
})();
