// What every other script may rely on. Dash loads the files of assets/ itself first, then its folders in the order of their paths, so
// this file is there before all others. Those know nothing more of their order: they call one another when something happens, not
// while they load. The parts of the map's layer extend it and therefore follow map/layer.js in the alphabet.
//
// `gc` is what the files of a page share; each writes its own members and names in its head what it relies on. `gcMap` is the same
// for the map, whose engine runs in a worker without a page (map/worker/, loaded by map/worker/engine.js, not by Dash).
//
// Events on `document`:
//   gc:start {session}     the page's elements are there       gc:words              language or names have changed
//   gc:frame {Frame}       a frame was taken into gc.model     gc:paint {model}      at most once an animation frame
//   gc:kept                what the server keeps is there
//   gc:second              once a second                       gc:feed               the feed became live, late or stale
//   gc:presence {case, by} who has a dialog open on a case     gc:dialog             a dialog opened or closed
//   gc:asked               the queue asks something else       gc:grid-ready {grid}  the queue's grid is made
//   gc:alarm               alarms came, went or were muted
//   gc:undo                something else may be undone
//   gc:chosen              other cases are chosen or read      gc:selected {cases}   a line on the map chose these
//   gc:pick {case}, gc:grid {grid}, gc:place {unit}, gc:lasso {polygon}: a click or a line on the map
//   gc:need-snapshot       the map's worker asks for the whole model as a frame
(function () {
  "use strict";
  const gc = (window.gc = {});
  window.gcMap = {};

  // Stages after which nothing more happens to a case.
  gc.ENDED = new Set(["CLOSED", "VOIDED"]);
  // Stages in which no unit has the case yet.
  gc.UNDISPATCHED = new Set(["REPORTED", "ACCEPTED", "FILED"]);

  // One element with a class and a text: what a person wrote never becomes markup.
  gc.part = function (tag, name, text) {
    const e = document.createElement(tag);
    if (name) e.className = name;
    if (text != null) e.textContent = text;
    return e;
  };

  // Properties of a component of Dash, set from outside of it.
  gc.setProps = (id, props) => window.dash_clientside.set_props(id, props);
})();

/* What crosses files. Instants are ms since 1970, codes are those of the contract.

   @typedef {Object} Row  One case, of the live model or of the queue.
   @property {string} case
   @property {number} version
   @property {string} stage
   @property {"danger"|"urgent"|"normal"} severity
   @property {"green"|"amber"|"red"|"paused"|"none"} light  as of the frame; gcLightAt says what it is now
   @property {?number} amber
   @property {?number} due
   @property {string} category
   @property {string} grid
   @property {string} level  how far it was escalated, "none" at first
   @property {?string} unit  the owner, in the live model
   @property {?string} owner  the same, in the queue
   @property {?string[]} allowed  verbs that its stage allows; null where the row has moved since it was read: the server decides
   @property {?Sent} sent  our own command that has no event yet (desk/pending.js)

   @typedef {Object} Frame  A message of /live.
   @property {"snapshot"|"delta"|"beat"|"alarm"} t
   @property {number} from  `to` of the frame before it
   @property {number} to
   @property {number} at
   @property {?number} feed_age_ms  null where nobody knows
   @property {Object<string, Array>} [cases]  columns of Row
   @property {string[]} [gone]
   @property {Object} [counts]
   @property {Alarm[]} [alarms]  all of the scope, in snapshots and alarm frames

   @typedef {Object} Alarm
   @property {string} alarm  id
   @property {string} case
   @property {"new_danger"|"escalated"|"breached"|"flood"} kind
   @property {string} level  "none" where it names nobody
   @property {number} at
   @property {string[]} to  levels or units that are named
   @property {?string} by  the mark of the account that raised it
   @property {?{by: string, at: number}} acknowledged  null: nobody has
   @property {string} severity
   @property {?string} category
   @property {?string} unit  the owner
   @property {?string} grid
   @property {number} n  of how many it tells
   @property {string[]} cases  of a flood

   @typedef {Object} Command  As `POST /api/v1/commands` takes it.
   @property {string} id  UUIDv7, kept until the outcome is known
   @property {string} type  "command." and the verb
   @property {string} case
   @property {number} expected_version
   @property {Object} data

   @typedef {Object} Result
   @property {string} id
   @property {"accepted"|"refused"|"unconfirmed"} status
   @property {?string} code
   @property {?number} pos  of its effect
   @property {?string} why  key of the reason, said with `values`
   @property {?Object} values
   @property {?string} message  the reason in English, where there is no word for it
   @property {?Object} current  what the case is now, of a conflict

   @typedef {[Command, Result]} Pair

   @typedef {Object} UndoEntry  What was done at once and may be undone (callbacks/api/undo.py).
   @property {string} entry  id of the batch, or of the command
   @property {string} verb
   @property {number} at
   @property {number} until
   @property {number} pos  of its last effect
   @property {string} category  of its first case
   @property {?string} grid
   @property {{command: string, case: string, version: number}[]} commands

   @typedef {Object} Session  What the server says of who sits here (callbacks/shell.py).
   @property {string} page
   @property {"zh"|"en"} lang
   @property {string} scope  unit code
   @property {string} zone
   @property {string} role
   @property {string} name
   @property {string} mark  by which the own alarms are known
   @property {boolean} keeps  whether the server keeps anything for the account
   @property {?string} reach  the highest level whose alarms an acknowledgement from here reaches
   @property {Object<string, {key: string, fields: string[], reasons: string[], early: string[]}>} acts  by verb
   @property {number} stale_ms
*/
