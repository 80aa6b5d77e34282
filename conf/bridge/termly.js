/* Termly: behind its script */

(function () {
    function mirror() {
        var cache = JSON.parse(localStorage.getItem('TERMLY_API_CACHE')),
            stored = cache && cache.TERMLY_COOKIE_CONSENT,
            value = stored && stored.value;

        consentBridge(value ? {
            functional: value.performance,
            performance: value.analytics,
            targeting: value.advertising && value.social_networking
        } : null);
    }

    Termly.on('initialized', mirror);
    Termly.on('consent', mirror);
    mirror();
})();
