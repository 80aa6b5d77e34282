# Copyright (C) ngx_consent_module authors
#
# Makes ngx_http_consent_builtin.c of the files in conf/templates, so that the
# module needs none of them at run time:
#
#     awk -f embed.awk page.html banner.html placeholder.html cookies.html \
#         style.css
#
# The HTML files are given in the order of ngx_http_consent_template_e.

function quoted(line)
{
    gsub(/\\/, "\\\\", line)
    gsub(/"/, "\\\"", line)

    return "    \"" line "\\n\""
}

# what is for readers of the style sheet only

function trimmed(line)
{
    sub(/^[ \t]+/, "", line)

    return line
}

BEGIN {
    print "/* made by embed.awk, do not edit */\n"
    print "#include \"ngx_http_consent.h\"\n\n"
    print "ngx_str_t  ngx_http_consent_builtin_templates[] = {"
}

FNR == 1 {
    if (FILENAME ~ /\.css$/) {
        print "    )\n};\n\n"
        print "ngx_str_t  ngx_http_consent_builtin_style = ngx_string("

    } else {
        print (NR > 1 ? "    ),\n" : "") "    ngx_string("
    }
}

FILENAME ~ /\.css$/ {
    if ($0 ~ /^\/\*.*\*\/$/ || $0 == "") {
        next
    }

    print quoted(trimmed($0))
    next
}

{
    print quoted($0)
}

END {
    print ");"
}
