/*
 * What a visitor has chosen, for the proxy: { performance: true, ads: false }
 * by the names that the platform gives them, null if nothing is decided.
 */

function consentBridge(choice) {
    var value = choice ? encodeURIComponent(JSON.stringify(choice)) : '';

    document.cookie = 'consent_bridge=' + value + '; path=/; samesite=lax'
        + '; max-age=' + (choice ? 180 * 86400 : 0)
        + (location.protocol === 'https:' ? '; secure' : '');
}
