// What somebody has begun to write, per case and verb: it survives a reload, another browser and a refusal, and goes when the command is
// accepted.
// Relies on: shell/kept.
(function () {
  "use strict";
  const { gc } = window;
  const draft = (gc.draft = {});
  const key = (verb, id) => `${verb}.${id}`;
  draft.load = (verb, id) => gc.kept.get("draft", key(verb, id)) || {};
  draft.save = (verb, id, fields) => gc.kept.put("draft", key(verb, id), fields);
  draft.clear = (verb, id) => gc.kept.drop("draft", key(verb, id));
})();
