// What somebody has begun to write, per case and verb: it survives a reload and a refusal, and goes when the command is accepted.
(function () {
  "use strict";
  const { gc } = window;
  const draft = (gc.draft = {});
  const key = (verb, id) => `gc.draft.${verb}.${id}`;
  draft.load = (verb, id) => JSON.parse(sessionStorage.getItem(key(verb, id)) || "{}");
  draft.save = (verb, id, fields) => sessionStorage.setItem(key(verb, id), JSON.stringify(fields));
  draft.clear = (verb, id) => sessionStorage.removeItem(key(verb, id));
})();
