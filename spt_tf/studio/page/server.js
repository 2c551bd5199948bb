// What the page asks its own server, and how it waits for one that is gone.

export class ServerError extends Error {
  /** gone: nobody answered, or the model behind the studio did not; it may come back. */
  constructor(message, gone) {
    super(message);
    this.gone = gone;
  }
}

/** Sends JSON (or, without a message, asks) and returns the answer's JSON; bytes where `as` is "blob". */
export async function ask(path, message = null, as = "json") {
  const options = message === null ? {} : {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(message),
  };
  return answerOf(await reach(path, options), as);
}

/** Sends JSON; `told` gets each line of the answer, JSON itself, as it comes. */
export async function listen(path, message, told, signal) {
  const body = JSON.stringify(message);
  const response = await reach(path, { method: "POST", headers: { "content-type": "application/json" }, body, signal });
  if (!response.ok) await answerOf(response, "json");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop();
    for (const line of lines) told(JSON.parse(line));
  }
}

/** Sends a file's bytes. */
export async function send(path, file) {
  const options = { method: "POST", headers: { "content-type": "application/octet-stream" }, body: file };
  return answerOf(await reach(path, options), "json");
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServerError("The studio does not answer. Is it still running?", true);
  }
}

async function answerOf(response, as) {
  if (response.ok) return response[as]();
  let text = `${response.status} ${response.statusText}`;
  try { text = (await response.json()).error ?? text; } catch { /* no JSON: the status says it */ }
  throw new ServerError(text, response.status === 503);
}

export function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

export const writePerson = (person) => ({
  image: toBase64(person.image), parsing: toBase64(person.parsing), keypoints: person.keypoints,
});

export const readPerson = (sent) => ({
  name: sent.name, image: fromBase64(sent.image), parsing: fromBase64(sent.parsing), keypoints: sent.keypoints,
});

const RETRY_MS = 1000;

/** Runs one job at a time; of those that come meanwhile only the newest is run. A server gone is asked again. */
export class Newest {
  #waiting = null;
  #busy = false;

  /** run: job -> promise; show: told {busy}, {result}, {error, gone}. */
  constructor(run, show) {
    this.run = run;
    this.show = show;
  }

  request(job) {
    this.#waiting = job;
    if (!this.#busy) this.#work();
  }

  get busy() { return this.#busy; }

  async #work() {
    this.#busy = true;
    this.show({ busy: true });
    while (this.#waiting !== null) {
      const job = this.#waiting;
      this.#waiting = null;
      try {
        this.show({ result: await this.run(job), job });
      } catch (error) {
        this.show({ error: error.message, gone: error.gone === true });
        if (error.gone) {
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
          this.#waiting ??= job;
        } else if (!(error instanceof ServerError)) {
          console.error(error);
        }
      }
    }
    this.#busy = false;
    this.show({ busy: false });
  }
}
