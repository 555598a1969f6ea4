// Tells a person who is elsewhere that something waits for them: by a sound and by a notification of the desktop, as far as they asked for it.
let audio = null;

function beep() {
  audio ??= new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = 880;
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.25);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.25);
}

export function alertPerson(preferences, { title, text, tag, open }) {
  if (preferences.sound) {
    try {
      beep();
    } catch {
      // No sound device, or none allowed before the first click: the notice on the page remains.
    }
  }
  if (!preferences.desktop || document.visibilityState === "visible" || !("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(title, { body: text, tag });
  shown.onclick = () => {
    window.focus();
    open();
    shown.close();
  };
}
