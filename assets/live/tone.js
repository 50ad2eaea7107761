// Only danger has a tone: again every six seconds until no danger is left unacknowledged. It can be muted for ten minutes (alarm.js); a
// browser that was never touched stays silent.
// Relies on: live/alarm.
(function () {
  "use strict";
  const { gc } = window;
  const EVERY_MS = 6000;
  let sounding = 0;
  let audio = null;

  document.addEventListener("gc:alarm", () => {
    if (sounding || !gc.alarm.danger()) return;
    beep();
    sounding = setInterval(() => {
      if (gc.alarm.danger()) return beep();
      clearInterval(sounding);
      sounding = 0;
    }, EVERY_MS);
  });
  function beep() {
    if (gc.alarm.muted() || !window.AudioContext || !navigator.userActivation?.hasBeenActive) return;
    audio = audio || new AudioContext();
    const now = audio.currentTime;
    const [source, volume] = [audio.createOscillator(), audio.createGain()];
    source.frequency.value = 660;
    volume.gain.setValueAtTime(0.12, now);
    volume.gain.exponentialRampToValueAtTime(0.001, now + 0.5);
    source.connect(volume).connect(audio.destination);
    source.start(now);
    source.stop(now + 0.5);
  }
})();
