/* any platform of the TCF, behind its stub: for the source "tcf" */

__tcfapi('addEventListener', 2, function (data, success) {
    if (success && data.eventStatus !== 'cmpuishown') {
        document.cookie = 'euconsent-v2=' + (data.tcString || '')
            + '; path=/; samesite=lax'
            + '; max-age=' + (data.tcString ? 180 * 86400 : 0)
            + (location.protocol === 'https:' ? '; secure' : '');
    }
});
