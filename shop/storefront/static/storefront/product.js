// The picture, the price and the item number follow the chosen variant, and a small picture shows
// its large one without moving the page. All of it is on the page: nothing is fetched.
(() => {
  const strip = document.querySelector(".gallery-strip");
  const slides = strip ? [...strip.children] : [];
  const thumbs = [...document.querySelectorAll(".thumbs a")];
  const variants = [...document.querySelectorAll("input[name=variant][type=radio]")];

  const mark = (slide) => {
    thumbs.forEach((thumb) => {
      if (slide && thumb.hash === `#${slide.id}`) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
    });
  };

  const show = (slide) => {
    if (!slide) return;
    strip.scrollLeft += slide.getBoundingClientRect().left - strip.getBoundingClientRect().left;
    mark(slide);
  };

  const choose = (variant) => {
    const row = variant.closest(".choice");
    const [amount, usual] = [row.querySelector(".amount"), row.querySelector("s")];
    const price = document.getElementById("price");
    price.replaceChildren(amount.cloneNode(true));
    if (usual) price.append(" ", usual.cloneNode(true));
    document.getElementById("sku").textContent = variant.dataset.sku;
    show(slides.find((slide) => slide.dataset.picture === variant.dataset.picture));
  };

  thumbs.forEach((thumb, place) => {
    thumb.addEventListener("click", (event) => {
      event.preventDefault();
      show(slides[place]);
    });
  });
  strip?.addEventListener("scroll", () => mark(slides[Math.round(strip.scrollLeft / slides[0].offsetWidth)]), {
    passive: true,
  });
  variants.forEach((variant) => variant.addEventListener("change", () => choose(variant)));
  // A browser that goes back puts the choice of before in again, and tells nobody.
  addEventListener("pageshow", () => {
    const chosen = variants.find((variant) => variant.checked);
    if (chosen && !chosen.defaultChecked) choose(chosen);
  });
})();
