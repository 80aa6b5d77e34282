# The HTML and the style sheet that the module has built in.

consent_builtin=
for consent_file in page.html banner.html placeholder.html cookies.html \
                    style.css
do
    consent_builtin="$consent_builtin $ngx_addon_dir/conf/templates/$consent_file"
done

consent_embed="$ngx_addon_dir/ngx_consent_module/tools/embed.awk"

cat << END                                                    >> $NGX_MAKEFILE

$NGX_OBJS/ngx_http_consent_builtin.c: $consent_builtin $consent_embed ; \\
    awk -f $consent_embed $consent_builtin > \$@

END
