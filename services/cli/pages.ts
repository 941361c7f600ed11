/** As many as a page may have. */
export const PAGE = 500;

/** Page by page, until there is none any more or nobody asks for the next one. */
export async function* pages<P extends { readonly nextPageToken: string }>(ask: (pageToken: string) => Promise<P>): AsyncGenerator<P> {
  let pageToken = '';
  do {
    const page = await ask(pageToken);
    yield page;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
}
