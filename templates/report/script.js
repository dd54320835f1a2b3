(function () {
  var page = document.documentElement;
  function show(language) {
    page.dataset.lang = language;
    page.lang = language === "zh" ? "zh-CN" : "en";
  }
  show((navigator.language || "").toLowerCase().indexOf("zh") === 0 || location.hash === "#zh" ? "zh" : "en");
  document.getElementById("language").addEventListener("click", function () {
    show(page.dataset.lang === "zh" ? "en" : "zh");
  });
  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = Array.from(document.querySelectorAll("details:not([open])"));
    folded.forEach(function (part) { part.open = true; });
  });
  window.addEventListener("afterprint", function () {
    folded.forEach(function (part) { part.open = false; });
  });
})();
