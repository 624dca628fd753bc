// When the session has ended the server answers 401: the page says so once, and asks for nothing more.
(() => {
  const said = document.querySelector('meta[name="xietong-login-ended"]');
  if (!said) return;
  const plain = window.fetch.bind(window);
  const never = new Promise(() => {});
  let ended = false;

  function tell() {
    const bar = document.createElement('div');
    bar.id = 'signed-out';
    bar.setAttribute('role', 'alert');
    const text = document.createElement('span');
    text.textContent = said.content;
    const link = document.createElement('a');
    link.href = '/login?next=' + encodeURIComponent(location.pathname + location.search);
    link.textContent = said.dataset.again;
    bar.append(text, link);
    document.body.append(bar);
  }

  window.fetch = async (input, init) => {
    if (ended) return never;
    const answer = await plain(input, init);
    const address = new URL(answer.url || location.href, location.href);
    if (answer.status !== 401 || address.origin !== location.origin) return answer;
    if (!ended) {
      ended = true;
      tell();
    }
    return never;
  };
})();
