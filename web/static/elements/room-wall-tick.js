// Beats fifteen times a second, away from the page: a page that is not looked at is slowed down, its workers are not.

const FRAME_MS = 1000 / 15;

setInterval(() => self.postMessage(null), FRAME_MS);
