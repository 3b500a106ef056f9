"use strict";

// A form that was sent is not sent again by a second click.
const once = () => {
  for (const form of document.querySelectorAll(".bo-ask form")) {
    form.addEventListener("submit", () => {
      // After the event, since a button that is disabled sends nothing.
      setTimeout(() => setSent(form, true));
    });
  }
  // Whoever comes back by the browser's own button finds the form as it was, and can press again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll(".bo-ask form")) {
      setSent(form, false);
    }
  });
};

const setSent = (form, isSent) => {
  for (const button of form.querySelectorAll("button")) {
    button.disabled = isSent;
  }
};

// The page that one comes back to is fetched anew, with a new token, but the browser may fill in
// what was typed: it keeps the token it was first shown with, so that it is still the same form.
const keepToken = () => {
  const [visit] = performance.getEntriesByType("navigation");
  const isBack = visit && visit.type === "back_forward";
  for (const field of document.querySelectorAll("input[data-once]")) {
    const kept = history.state && history.state.once;
    if (isBack && kept) {
      field.value = kept;
    } else {
      history.replaceState({ ...history.state, once: field.value }, "");
    }
  }
};

// Leaving a form with something typed asks first, whether by a link or by a button above it.
const warnOfUnsaved = () => {
  const mark = document.querySelector("[data-warns-of-unsaved]");
  const form = mark && mark.closest("form");
  if (!form) {
    return;
  }
  // What could not be saved is still only on this page.
  let isUnsaved = Boolean(form.querySelector(".errornote"));
  const touch = () => {
    isUnsaved = true;
  };
  form.addEventListener("input", touch);
  form.addEventListener("change", touch);
  // A field in which rows are looked up tells of its changes by jQuery alone.
  const jquery = window.django && window.django.jQuery;
  if (jquery) {
    jquery(form).on("select2:select select2:unselect", touch);
  }
  form.addEventListener("submit", () => {
    isUnsaved = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isUnsaved) {
      event.preventDefault();
    }
  });
};

document.addEventListener("DOMContentLoaded", () => {
  once();
  keepToken();
  warnOfUnsaved();
});
