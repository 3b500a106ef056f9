// Pages for everybody learn who is there, and what is in the cart, from one cookie that the shop sets
// whenever that changes. Nothing is fetched.
(() => {
  const read = () => {
    const found = /(?:^|; )strip=([0-9]+)\.([^;]*)/.exec(document.cookie);
    try {
      return found ? { items: Number(found[1]), name: decodeURIComponent(found[2]) } : {};
    } catch {
      return {};
    }
  };

  const made = (tag, name, text) => Object.assign(document.createElement(tag), { className: name, textContent: text });

  const draw = () => {
    const { items = 0, name = "" } = read();
    const [cart, account] = ["items", "name"].map((part) => document.querySelector(`[data-strip=${part}]`));
    const count = made("b", "units", items);
    count.append(made("span", "unseen", items === 1 ? " item" : " items"));
    cart?.replaceChildren(...(items ? [" ", count] : []));
    account?.classList.toggle("name", Boolean(name));
    account?.replaceChildren(...(name ? [made("span", "unseen", "Your account: "), name] : ["Account"]));
  };

  draw();
  // The page may have waited in another tab, or behind the one that changed it.
  addEventListener("pageshow", draw);
  document.addEventListener("visibilitychange", draw);
})();
