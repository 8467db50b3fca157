// The control API of the sandbox, and its stream of events.

export async function get(what, query = {}) {
  const answer = await fetch(`/sandbox/${what}?${new URLSearchParams(query)}`);
  return checked(answer);
}

export async function post(what, given) {
  const answer = await fetch(`/sandbox/${what}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(given),
  });
  return checked(answer);
}

async function checked(answer) {
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error ?? `the sandbox answered ${answer.status}`);
  return body;
}

export function listen(heard, again) {
  const stream = new EventSource("/sandbox/events");
  let lost = false;
  stream.addEventListener("message", (event) => heard(JSON.parse(event.data)));
  stream.addEventListener("error", () => { lost = true; });
  stream.addEventListener("open", () => { if (lost) again(); lost = false; });
}
