// With a script, "Add to cart" needs no page in between that asks again: the form is sent with the token
// of CSRF from its cookie, which is fetched where there is none. Without one, that page carries it.
(() => {
  const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];

  const send = async (form) => {
    if (!token()) await fetch(form.dataset.token, { cache: "no-store" }).catch(() => {});
    if (token()) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name: "csrfmiddlewaretoken", value: token() });
      form.append(field);
      form.method = "post";
      // Who comes back finds the form as it was.
      addEventListener("pagehide", () => { field.remove(); form.method = "get"; }, { once: true });
    }
    form.submit();
  };

  document.querySelectorAll("form.buy").forEach((form) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.dataset.sent) return;
      form.dataset.sent = "yes";
      send(form);
    });
    addEventListener("pageshow", () => delete form.dataset.sent);
  });
})();
