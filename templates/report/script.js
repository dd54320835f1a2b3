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
})();
