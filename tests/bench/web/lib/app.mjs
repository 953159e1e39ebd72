// The web app, signed in.

/** The next page of the app in this browser belongs to the account; from the first visit on the app itself keeps that. */
export async function signIn({ context }, { url, session }) {
  await context.addInitScript(
    ([origin, text]) => {
      if (location.origin === origin && !localStorage.getItem('almanac.session')) localStorage.setItem('almanac.session', text);
    },
    [url, JSON.stringify(session)],
  );
}

/** How many records the app's database holds. */
export function records(page, { session }) {
  return page.evaluate(
    (name) =>
      new Promise((done, failed) => {
        const request = indexedDB.open(name);
        request.onerror = () => failed(request.error);
        request.onsuccess = () => {
          const counting = request.result.transaction('rows').objectStore('rows').count();
          counting.onsuccess = () => {
            request.result.close();
            done(counting.result);
          };
        };
      }),
    `almanac-${session.user_id}`,
  );
}
