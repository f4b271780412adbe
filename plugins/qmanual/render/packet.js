"use strict";
(() => {
  const form = document.getElementById("reply");
  const told = form.querySelector(".told");
  const said = form.dataset;
  const two = (number) => String(number).padStart(2, "0");
  const moment = (now) => {
    const offset = -now.getTimezoneOffset();
    const size = Math.abs(offset);
    const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join("-");
    const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(":");
    return `${day}T${time}${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  };
  const quoted = (text) =>
    JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (one) => "\\u" + one.charCodeAt(0).toString(16).padStart(4, "0"));
  const bytes = (text) => Array.from(new TextEncoder().encode(text), (one) => "=" + one.toString(16).toUpperCase().padStart(2, "0")).join("");
  const named = (text) => Array.from(text.normalize("NFC"), (one) => (one === " " ? "_" : /[\p{L}\p{N}-]/u.test(one) ? one : bytes(one))).join("");
  const refuse = (text, field) => {
    told.textContent = text;
    field.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { person, meaning, comment } = form.elements;
    const decision = form.querySelector("[name=decision]:checked");
    const name = person.value.trim();
    if (!name) return refuse(said.sayName, person);
    if (!decision) return refuse(said.sayDecision, form.querySelector("[name=decision]"));
    if (decision.value === "rejected" && !comment.value.trim()) return refuse(said.sayComment, comment);
    const values = {
      type: said.type, document: said.document, revision: said.revision, digest: said.digest, meaning: meaning.value,
      decision: decision.value, name, time: moment(new Date()), comment: comment.value.trim(), packet: said.packet,
    };
    const text = Object.entries(values).map(([key, value]) => `${key}: ${quoted(value)}\n`).join("");
    const link = document.createElement("a");
    link.download = `${said.stem}-${meaning.value}-${named(name)}.yml`;
    link.href = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    told.textContent = said.saySaved.replace("{file}", link.download);
  });
})();
