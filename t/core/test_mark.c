/*
 * Copyright (C) ngx_consent_module authors
 *
 * Start tags in the dialects of consent platforms, and what all dialects
 * have to hold whatever the tag looks like.
 */


#include "consent_charref.h"
#include "consent_dialect.h"
#include "consent_load.h"
#include "consent_mark.h"
#include "tap.h"


#define MAX_TAG    65536
#define MAX_EDITS  4096


/* categories: performance has a name in each dialect, social has none */

enum { PERFORMANCE = 0, SOCIAL };


typedef struct {
    const char             *name;
    const char             *script;
    const char             *inlines;
    const char             *other;
    const char             *module;
    const char             *text;       /* the platform's "performance" */
    unsigned                only_named;
} dialect_t;


/*
 * edits: "src" is renamed, "src=v" gets the value v instead, "src+=v" gets it
 * beside the old one; separated by spaces
 */

typedef struct {
    const char             *dialect;
    consent_mark_e          kind;
    int                     category;
    const char             *edits;
    const char             *tag;
    const char             *out;
} case_t;


typedef struct {
    consent_dialect_e       kind;
    const char             *words;
    const char             *message;    /* part of it; NULL: accepted */
} word_case_t;


typedef struct {
    uint8_t                 data[8 * MAX_TAG];
    size_t                  len;

    const uint8_t          *at;         /* behind the last byte passed */
    const uint8_t          *end;
    unsigned                stray;      /* bytes passed out of order */
    unsigned                passes;
    unsigned                fail;       /* calls until one fails; 0: none */
} output_t;


static consent_str_t str(const char *text);
static const char *next_word(const char *p, char *word);
static void policy_init(void);
static consent_dialect_line_t *line_make(consent_dialect_e kind,
    const char *words);
static const consent_markup_t *dialect_make(const dialect_t *d);
static const consent_markup_t *dialect_find(const char *name);
static unsigned edits_make(consent_edit_t *edits, const char *words,
    consent_str_t tag, size_t name_end);
static int sink_call(output_t *out, const uint8_t *p, size_t len);
static int sink_pass(void *data, const uint8_t *p, size_t len);
static int sink_copy(void *data, const uint8_t *p, size_t len);
static int run(output_t *out, const consent_markup_t *markup,
    consent_mark_e kind, int category, const char *words, consent_str_t tag,
    unsigned held, unsigned fail);
static size_t name_end_of(consent_str_t tag);
static int first_attr(consent_str_t tag, const char *name,
    consent_attr_t *found);
static void test_cases(void);
static void test_words(void);
static void test_limits(void);
static void test_loaders(void);
static void test_memory(void);
static void test_failing_sink(void);
static uint32_t chance(uint32_t n);
static size_t random_tag(uint8_t *tag);
static const char *broken(consent_mark_e kind, consent_str_t in,
    consent_str_t out);
static unsigned has_value(consent_str_t out, const consent_attr_t *attr);
static void test_random(void);


static const dialect_t  dialects[] = {

    { "onetrust", "type=text/plain class=optanon-category-%c src->src",
      "type=text/plain class=optanon-category-%c",
      "class=optanon-category-%c src->data-src", NULL, "C0002", 1 },

    { "cookiebot", "type=text/plain data-cookieconsent=%c src->src",
      "type=text/plain data-cookieconsent=%c",
      "data-cookieconsent=%c src->data-cookieblock-src", NULL, "statistics",
      1 },

    { "cookieyes",
      "type=javascript/blocked data-cookieyes=cookieyes-%c src->src",
      NULL, NULL, NULL, "analytics", 1 },

    { "cookielawinfo",
      "type=text/plain data-cli-class=cli-blocker-script "
      "data-cli-script-type=%c src->src",
      "type=text/plain data-cli-class=cli-blocker-script "
      "data-cli-script-type=%c", NULL, NULL, "analytics", 0 },

    { "klaro",
      "type=text/plain type->data-type=text/javascript data-name=%c "
      "src->data-src",
      "type=text/plain type->data-type=text/javascript data-name=%c",
      "data-name=%c src->data-src href->data-href", NULL, "matomo", 0 },

    { "vcc3",
      "type=text/plain type->data-type data-category=%c src->data-src",
      "type=text/plain type->data-type data-category=%c", NULL, NULL,
      "analytics", 0 },

    { "vcc2", "type=text/plain data-cookiecategory=%c src->data-src",
      "type=text/plain data-cookiecategory=%c", NULL, NULL, "analytics", 0 },

    { "didomi", "type=didomi/javascript data-purposes=%c src->src",
      "type=didomi/javascript data-purposes=%c", NULL, NULL, "a,b", 1 },

    { "complianz", "type=text/plain data-category=%c src->data-cmplz-src",
      "type=text/plain data-category=%c",
      "data-category=%c src->data-src-cmplz href->data-href",
      "type=text/plain data-category=%c data-script-type=module "
      "src->data-cmplz-src", "statistics", 0 },

    { "borlabs",
      "type=text/template data-borlabs-cookie-script-blocker-id=%c "
      "src->data-borlabs-cookie-script-blocker-src",
      "type=text/template data-borlabs-cookie-script-blocker-id=%c", NULL,
      "type=text/template-module data-borlabs-cookie-script-blocker-id=%c "
      "src->data-borlabs-cookie-script-blocker-src", "key", 1 },

    { "usercentrics", "type=text/plain data-usercentrics=%c src->src",
      "type=text/plain data-usercentrics=%c",
      "data-usercentrics=%c src->uc-src", NULL, "A & \"B\" <'>", 1 },

    { "trustarc", "type=text/plain class=trustecm trackertype=%c src->src",
      NULL, NULL, NULL, "functional", 1 },

    { "iubenda",
      "type=text/plain class=_iub_cs_activate data-iub-purposes=%c src->src",
      "type=text/plain class=_iub_cs_activate-inline data-iub-purposes=%c",
      "class=_iub_cs_activate data-iub-purposes=%c src->suppressedsrc "
      "src=data:,", NULL, "4", 1 },

    { "termly", "type=text/plain data-categories=%c src->data-src",
      "type=text/plain data-categories=%c",
      "data-categories=%c src->data-src href->data-href", NULL, "analytics",
      1 },

    { "civic", NULL, NULL, "data-cc-category=%c src->data-src", NULL,
      "analytics", 0 },

    { "cookiefirst",
      "type=text/plain data-cookiefirst-category=%c src->src",
      "type=text/plain data-cookiefirst-category=%c",
      "data-cookiefirst-category=%c src->data-src", NULL, "performance", 0 },

    { "cookiescript",
      "type=text/plain data-cookiescript=accepted data-cookiecategory=%c "
      "src->data-src",
      "type=text/plain data-cookiescript=accepted data-cookiecategory=%c",
      "data-cookiescript=accepted data-cookiecategory=%c src->data-src",
      NULL, "performance", 1 },

    { "cookieinformation", NULL, NULL,
      "data-category-consent=cookie_cat_%c src->data-consent-src", NULL,
      "statistic", 1 },

    /* what none of the above has together */

    { "odd",
      "type=text/plain class=%c-%%-'%c' src->data-src src=data:,",
      "type=text/plain", "id=%c src->data-src srcset->data-srcset "
      "src=about:blank class=x", NULL, "q\"", 0 }
};


#define NDIALECTS  (sizeof(dialects) / sizeof(dialects[0]))

static const consent_markup_t  *markups[NDIALECTS];
static const consent_markup_t  *own;
static consent_policy_t         policy;


#define OWN   " type=\"text/plain\" data-consent=\"performance\""
#define REST  " integrity=\"sha384-x\" nonce=n async DEFER crossorigin=''"


static const case_t  cases[] = {

    /* the built-in dialect */

    { "consent", CONSENT_MARK_SCRIPT, 0, "src", "<script src=\"u\">",
      "<script" OWN " data-consent-src=\"u\">" },
    { "consent", CONSENT_MARK_SCRIPT, 0, "src",
      "<script src=\"u\" type=\"module\">",
      "<script" OWN " data-consent-src=\"u\" data-consent-type=\"module\">" },
    { "consent", CONSENT_MARK_INLINE, 0, "", "<script>", "<script" OWN ">" },
    { "consent", CONSENT_MARK_OTHER, 0, "src", "<img src=u alt=a>",
      "<img data-consent=\"performance\" data-consent-src=u alt=a>" },
    { "consent", CONSENT_MARK_SCRIPT, 0, "src", "<script" REST " src=u>",
      "<script" OWN REST " data-consent-src=u>" },
    { "consent", CONSENT_MARK_OTHER, 0, "src", "<img data-consent=x src=u>",
      "<img data-consent=\"performance\" data-consent-data-consent=x "
      "data-consent-src=u>" },

    /* values */

    { "consent", CONSENT_MARK_OTHER, 0, "style+=b",
      "<p style='a' id=i>",
      "<p data-consent=\"performance\" data-consent-style='a' style=\"b\" "
      "id=i>" },
    { "consent", CONSENT_MARK_OTHER, 0, "SRCSET=b",
      "<img SRCSET=a>", "<img data-consent=\"performance\" SRCSET=\"b\">" },
    { "consent", CONSENT_MARK_OTHER, 0, "srcdoc=",
      "<iframe srcdoc id=i>",
      "<iframe data-consent=\"performance\" srcdoc=\"\" id=i>" },
    { "onetrust", CONSENT_MARK_OTHER, 0, "src+=/blocked",
      "<iframe src=\"u\"title=t>",
      "<iframe class=\"optanon-category-C0002\" data-src=\"u\" "
      "src=\"/blocked\"title=t>" },
    { "iubenda", CONSENT_MARK_OTHER, 0, "src+=/blocked",
      "<iframe src=u>",
      "<iframe data-iub-purposes=\"4\" class=\"_iub_cs_activate\" "
      "suppressedsrc=u src=\"/blocked\">" },
    { "klaro", CONSENT_MARK_OTHER, 0, "src srcset+=b",
      "<img src=u srcset='a, b'>",
      "<img data-name=\"matomo\" data-src=u data-consent-srcset='a, b' "
      "srcset=\"b\">" },

    /* each dialect: script, inline script, the rest */

    { "onetrust", CONSENT_MARK_SCRIPT, 0, "src",
      "<script" REST " src='u'>",
      "<script type=\"text/plain\" class=\"optanon-category-C0002\"" REST
      " src='u'>" },
    { "onetrust", CONSENT_MARK_INLINE, 0, "", "<script type=text/javascript>",
      "<script type=\"text/plain\" class=\"optanon-category-C0002\" "
      "data-consent-type=text/javascript>" },
    { "onetrust", CONSENT_MARK_OTHER, 0, "src", "<iframe src=u class=a>",
      "<iframe data-src=u class=\"optanon-category-C0002 a\">" },
    { "onetrust", CONSENT_MARK_SCRIPT, 0, "src",
      "<script type=module src=u>",
      "<script" OWN " data-consent-type=module data-consent-src=u>" },
    { "onetrust", CONSENT_MARK_SCRIPT, SOCIAL, "src", "<script src=u>",
      "<script type=\"text/plain\" data-consent=\"social\" "
      "data-consent-src=u>" },

    { "cookiebot", CONSENT_MARK_SCRIPT, 0, "src", "<script" REST " src=u>",
      "<script type=\"text/plain\" data-cookieconsent=\"statistics\"" REST
      " src=u>" },
    { "cookiebot", CONSENT_MARK_INLINE, 0, "", "<script>",
      "<script type=\"text/plain\" data-cookieconsent=\"statistics\">" },
    { "cookiebot", CONSENT_MARK_OTHER, 0, "src", "<img src=u>",
      "<img data-cookieconsent=\"statistics\" data-cookieblock-src=u>" },
    { "cookiebot", CONSENT_MARK_SCRIPT, 0, "src",
      "<script data-cookieconsent=ignore src=u>",
      "<script type=\"text/plain\" data-cookieconsent=\"statistics\" "
      "data-consent-data-cookieconsent=ignore src=u>" },
    { "cookiebot", CONSENT_MARK_OTHER, SOCIAL, "src", "<img src=u>",
      "<img data-consent=\"social\" data-consent-src=u>" },

    { "cookieyes", CONSENT_MARK_SCRIPT, 0, "src", "<script" REST " src=u>",
      "<script type=\"javascript/blocked\" "
      "data-cookieyes=\"cookieyes-analytics\"" REST " src=u>" },
    { "cookieyes", CONSENT_MARK_INLINE, 0, "", "<script>",
      "<script" OWN ">" },
    { "cookieyes", CONSENT_MARK_OTHER, 0, "src", "<img src=u>",
      "<img data-consent=\"performance\" data-consent-src=u>" },

    { "cookielawinfo", CONSENT_MARK_SCRIPT, 0, "src", "<script" REST
      " src=u>",
      "<script type=\"text/plain\" data-cli-class=\"cli-blocker-script\" "
      "data-cli-script-type=\"analytics\"" REST " src=u>" },
    { "cookielawinfo", CONSENT_MARK_INLINE, SOCIAL, "", "<script>",
      "<script type=\"text/plain\" data-cli-class=\"cli-blocker-script\" "
      "data-cli-script-type=\"social\">" },

    { "klaro", CONSENT_MARK_SCRIPT, 0, "src", "<script" REST " src=u>",
      "<script type=\"text/plain\" data-name=\"matomo\" "
      "data-type=\"text/javascript\"" REST " data-src=u>" },
    { "klaro", CONSENT_MARK_SCRIPT, 0, "src", "<script type=module src=u>",
      "<script type=\"text/plain\" data-name=\"matomo\" data-type=module "
      "data-src=u>" },
    { "klaro", CONSENT_MARK_INLINE, 0, "", "<script TYPE=Module>",
      "<script type=\"text/plain\" data-name=\"matomo\" data-type=Module>" },
    { "klaro", CONSENT_MARK_OTHER, 0, "href",
      "<link rel=stylesheet href=u>",
      "<link data-name=\"matomo\" rel=stylesheet data-href=u>" },
    { "klaro", CONSENT_MARK_OTHER, 0, "src",
      "<img data-src=lazy src=u data-srcset=s>",
      "<img data-name=\"matomo\" data-consent-data-src=lazy data-src=u "
      "data-srcset=s>" },
    { "klaro", CONSENT_MARK_OTHER, 0, "srcset",
      "<img data-src=lazy srcset=u>",
      "<img data-consent=\"performance\" data-src=lazy "
      "data-consent-srcset=u>" },

    { "vcc3", CONSENT_MARK_SCRIPT, 0, "src", "<script" REST " src=u>",
      "<script type=\"text/plain\" data-category=\"analytics\"" REST
      " data-src=u>" },
    { "vcc3", CONSENT_MARK_SCRIPT, 0, "src",
      "<script type=' &#109odule\n' src=u>",
      "<script type=\"text/plain\" data-category=\"analytics\" "
      "data-type=' &#109odule\n' data-src=u>" },
    { "vcc3", CONSENT_MARK_INLINE, 0, "", "<script>",
      "<script type=\"text/plain\" data-category=\"analytics\">" },
    { "vcc2", CONSENT_MARK_SCRIPT, 0, "src", "<script src=u>",
      "<script type=\"text/plain\" data-cookiecategory=\"analytics\" "
      "data-src=u>" },
    { "vcc2", CONSENT_MARK_INLINE, 0, "", "<script type=module>",
      "<script" OWN " data-consent-type=module>" },

    { "didomi", CONSENT_MARK_SCRIPT, 0, "src", "<script src=u>",
      "<script type=\"didomi/javascript\" data-purposes=\"a,b\" src=u>" },
    { "didomi", CONSENT_MARK_INLINE, 0, "", "<script>",
      "<script type=\"didomi/javascript\" data-purposes=\"a,b\">" },
    { "didomi", CONSENT_MARK_OTHER, 0, "src", "<iframe src=u>",
      "<iframe data-consent=\"performance\" data-consent-src=u>" },

    { "complianz", CONSENT_MARK_SCRIPT, 0, "src", "<script" REST " src=u>",
      "<script type=\"text/plain\" data-category=\"statistics\"" REST
      " data-cmplz-src=u>" },
    { "complianz", CONSENT_MARK_SCRIPT, 0, "src",
      "<script src=u type=module>",
      "<script type=\"text/plain\" data-category=\"statistics\" "
      "data-script-type=\"module\" data-cmplz-src=u "
      "data-consent-type=module>" },
    { "complianz", CONSENT_MARK_INLINE, 0, "", "<script type=module>",
      "<script type=\"text/plain\" data-category=\"statistics\" "
      "data-script-type=\"module\" data-consent-type=module>" },
    { "complianz", CONSENT_MARK_OTHER, 0, "src", "<iframe src=u>",
      "<iframe data-category=\"statistics\" data-src-cmplz=u>" },

    { "borlabs", CONSENT_MARK_SCRIPT, 0, "src", "<script src=u>",
      "<script type=\"text/template\" "
      "data-borlabs-cookie-script-blocker-id=\"key\" "
      "data-borlabs-cookie-script-blocker-src=u>" },
    { "borlabs", CONSENT_MARK_INLINE, 0, "", "<script type=module>",
      "<script type=\"text/template-module\" "
      "data-borlabs-cookie-script-blocker-id=\"key\" "
      "data-consent-type=module>" },

    { "usercentrics", CONSENT_MARK_SCRIPT, 0, "src", "<script src=u>",
      "<script type=\"text/plain\" data-usercentrics=\"A &amp; "
      "&quot;B&quot; &lt;&#39;>\" src=u>" },
    { "usercentrics", CONSENT_MARK_OTHER, 0, "src", "<iframe src=u>",
      "<iframe data-usercentrics=\"A &amp; &quot;B&quot; &lt;&#39;>\" "
      "uc-src=u>" },

    { "trustarc", CONSENT_MARK_SCRIPT, 0, "src", "<script src=u class='a b'>",
      "<script type=\"text/plain\" trackertype=\"functional\" src=u "
      "class='trustecm a b'>" },

    { "iubenda", CONSENT_MARK_SCRIPT, 0, "src", "<script" REST " src=u>",
      "<script type=\"text/plain\" data-iub-purposes=\"4\" "
      "class=\"_iub_cs_activate\"" REST " src=u>" },
    { "iubenda", CONSENT_MARK_INLINE, 0, "", "<script class=a>",
      "<script type=\"text/plain\" data-iub-purposes=\"4\" "
      "class=\"_iub_cs_activate-inline a\">" },
    { "iubenda", CONSENT_MARK_OTHER, 0, "src", "<iframe src=\"u\">",
      "<iframe data-iub-purposes=\"4\" class=\"_iub_cs_activate\" "
      "suppressedsrc=\"u\" src=\"data:,\">" },
    { "iubenda", CONSENT_MARK_OTHER, 0, "srcset",
      "<img src=fine srcset=u>",
      "<img data-consent=\"performance\" src=fine data-consent-srcset=u>" },

    { "termly", CONSENT_MARK_SCRIPT, 0, "src", "<script src=u>",
      "<script type=\"text/plain\" data-categories=\"analytics\" "
      "data-src=u>" },
    { "termly", CONSENT_MARK_OTHER, 0, "href", "<link href=u>",
      "<link data-categories=\"analytics\" data-href=u>" },

    { "civic", CONSENT_MARK_SCRIPT, 0, "src", "<script src=u>",
      "<script" OWN " data-consent-src=u>" },
    { "civic", CONSENT_MARK_OTHER, 0, "src", "<iframe src=u>",
      "<iframe data-cc-category=\"analytics\" data-src=u>" },

    { "cookiefirst", CONSENT_MARK_SCRIPT, 0, "src", "<script src=u>",
      "<script type=\"text/plain\" data-cookiefirst-category=\"performance\" "
      "src=u>" },
    { "cookiefirst", CONSENT_MARK_OTHER, SOCIAL, "src", "<iframe src=u>",
      "<iframe data-cookiefirst-category=\"social\" data-src=u>" },

    { "cookiescript", CONSENT_MARK_SCRIPT, 0, "src", "<script src=u>",
      "<script type=\"text/plain\" data-cookiescript=\"accepted\" "
      "data-cookiecategory=\"performance\" data-src=u>" },
    { "cookiescript", CONSENT_MARK_OTHER, 0, "src", "<img src=u>",
      "<img data-cookiescript=\"accepted\" "
      "data-cookiecategory=\"performance\" data-src=u>" },

    { "cookieinformation", CONSENT_MARK_OTHER, 0, "src", "<iframe src=u>",
      "<iframe data-category-consent=\"cookie_cat_statistic\" "
      "data-consent-src=u>" },
    { "cookieinformation", CONSENT_MARK_INLINE, 0, "", "<script>",
      "<script" OWN ">" },

    /* classes */

    { "onetrust", CONSENT_MARK_INLINE, 0, "", "<script class>",
      "<script type=\"text/plain\" class=\"optanon-category-C0002\">" },
    { "onetrust", CONSENT_MARK_INLINE, 0, "", "<script class=>",
      "<script type=\"text/plain\" class=\"optanon-category-C0002\">" },
    { "onetrust", CONSENT_MARK_INLINE, 0, "", "<script CLASS = ''/>",
      "<script type=\"text/plain\" CLASS = 'optanon-category-C0002'/>" },
    { "onetrust", CONSENT_MARK_INLINE, 0, "", "<script class = a\"b'c\" id>",
      "<script type=\"text/plain\" class=\"optanon-category-C0002 "
      "a&quot;b'c&quot;\" id>" },
    { "onetrust", CONSENT_MARK_INLINE, 0, "",
      "<script class=\"a\n&quot;b\"id=i class=c>",
      "<script type=\"text/plain\" class=\"optanon-category-C0002 a\n"
      "&quot;b\"id=i class=c>" },

    /* what stands between attributes keeps its meaning */

    { "onetrust", CONSENT_MARK_SCRIPT, 0, "src",
      "<script/src='u'/type='x'=y type>",
      "<script type=\"text/plain\" class=\"optanon-category-C0002\"/src='u'/"
      "data-consent-type='x'=y data-consent-type>" },
    { "klaro", CONSENT_MARK_OTHER, 0, "src",
      "<img src='u'src=v =src>",
      "<img data-name=\"matomo\" data-src='u'data-src=v =src>" },
    { "klaro", CONSENT_MARK_OTHER, 0, "src", "<img a src data-name='x'=u/>",
      "<img data-name=\"matomo\" a data-src data-consent-data-name='x'=u/>" },

    { "odd", CONSENT_MARK_SCRIPT, 0, "src", "<script class='a' src=u>",
      "<script type=\"text/plain\" class='q&quot;-%-&#39;q&quot;&#39; a' "
      "data-src=u src=\"data:,\">" },
    { "odd", CONSENT_MARK_OTHER, 0, "src srcset",
      "<img id=i srcset=s src=u>",
      "<img id=\"q&quot;\" class=\"x\" data-consent-id=i data-srcset=s "
      "data-src=u src=\"about:blank\">" }
};


static const word_case_t  word_cases[] = {
    { CONSENT_DIALECT_OTHER, "data-x=1 src->data-src", NULL },
    { CONSENT_DIALECT_OTHER, "data-x=a->b xlink:href->data-href", NULL },
    { CONSENT_DIALECT_OTHER, "data-x= src->suppressedsrc src=data:,", NULL },
    { CONSENT_DIALECT_SCRIPT, "type=text/plain src->src", NULL },
    { CONSENT_DIALECT_MODULE, "type=x/y type->data-type=%", "no \"%\"" },
    { CONSENT_DIALECT_INLINE, "type=text/plain type->data-type=", NULL },

    { CONSENT_DIALECT_OTHER, "data-x", "NAME=VALUE" },
    { CONSENT_DIALECT_OTHER, "data-x-", "NAME=VALUE" },
    { CONSENT_DIALECT_OTHER, "=x", "small letter" },
    { CONSENT_DIALECT_OTHER, "Data-x=1", "small letter" },
    { CONSENT_DIALECT_OTHER, "1x=1", "small letter" },
    { CONSENT_DIALECT_OTHER, "a>b=1", "small letter" },
    { CONSENT_DIALECT_OTHER, "a\"=1", "small letter" },
    { CONSENT_DIALECT_OTHER, "src->", "new name" },
    { CONSENT_DIALECT_OTHER, "src->a/b", "new name" },
    { CONSENT_DIALECT_OTHER, "src->-", "new name" },
    { CONSENT_DIALECT_OTHER, "data-x=%", "behind \"%\"" },
    { CONSENT_DIALECT_OTHER, "data-x=%d", "behind \"%\"" },
    { CONSENT_DIALECT_OTHER, "data-x=1 data-x=2", "already" },
    { CONSENT_DIALECT_OTHER, "src->data-a src->data-b", "already" },
    { CONSENT_DIALECT_OTHER, "src->src", "only a script" },
    { CONSENT_DIALECT_OTHER, "src->href", "browsers fetch" },
    { CONSENT_DIALECT_OTHER, "src->onload", "browsers fetch" },
    { CONSENT_DIALECT_OTHER, "src=data:,", "take the place" },
    { CONSENT_DIALECT_OTHER, "style=color:red", "take the place" },
    { CONSENT_DIALECT_OTHER, "onerror=x()", "take the place" },
    { CONSENT_DIALECT_OTHER, "src=%c src->data-src", "no \"%\"" },
    { CONSENT_DIALECT_OTHER, "src->data-src=x", "only the type" },
    { CONSENT_DIALECT_OTHER, "type->data-type=x", "only the type" },
    { CONSENT_DIALECT_SCRIPT, "src->data-src=x", "only the type" },
    { CONSENT_DIALECT_SCRIPT, "type=text/plain src=x src->src",
      "cannot keep" },
    { CONSENT_DIALECT_SCRIPT, "type=text/plain type->type", "only a script" },
    { CONSENT_DIALECT_SCRIPT, "data-x=1 src->data-src", "without consent" },
    { CONSENT_DIALECT_SCRIPT, "type=text/javascript", "without consent" },
    { CONSENT_DIALECT_SCRIPT, "type=", "without consent" },
    { CONSENT_DIALECT_SCRIPT, "type=module", "without consent" },
    { CONSENT_DIALECT_SCRIPT, "type=importmap", "without consent" },
    { CONSENT_DIALECT_SCRIPT, "type=text/%c", "without consent" },
    { CONSENT_DIALECT_INLINE, "type=TEXT/ECMASCRIPT", "without consent" },
    { CONSENT_DIALECT_MODULE, "type=module", "without consent" },
    { CONSENT_DIALECT_OTHER, "a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1 "
      "l=1 m=1 n=1 o=1 p=1", NULL },
    { CONSENT_DIALECT_OTHER, "a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1 "
      "l=1 m=1 n=1 o=1 p=1 q=1", "too many" }
};


int
main(void)
{
    policy_init();

    test_cases();
    test_words();
    test_limits();
    test_loaders();
    test_memory();
    test_failing_sink();
    test_random();

    test_mem_free();

    return done_testing();
}


static consent_str_t
str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}


/* NULL: no more */

static const char *
next_word(const char *p, char *word)
{
    size_t  len;

    p += strspn(p, " ");
    len = strcspn(p, " ");

    memcpy(word, p, len);
    word[len] = '\0';

    return len ? p + len : NULL;
}


static void
policy_init(void)
{
    size_t  i;

    policy.ncategories = 2;
    policy.categories[PERFORMANCE].name = str("performance");
    policy.categories[SOCIAL].name = str("social");

    own = consent_markup_create(test_mem(), &policy);

    for (i = 0; i < NDIALECTS; i++) {
        markups[i] = dialect_make(&dialects[i]);
    }
}


static consent_dialect_line_t *
line_make(consent_dialect_e kind, const char *words)
{
    size_t                   at;
    const char              *end, *wrong;
    char                     word[256];
    consent_dialect_line_t  *line;

    line = test_mem()->alloc(NULL, sizeof(consent_dialect_line_t));
    memset(line, 0, sizeof(consent_dialect_line_t));

    line->kind = kind;

    while ((end = next_word(words, word)) != NULL) {
        at = (size_t) (end - words) - strlen(word);

        wrong = consent_dialect_add(line,
                                    consent_str_make((const uint8_t *) words
                                                     + at, strlen(word)));
        if (wrong) {
            diag("%s: %s", word, wrong);
            exit(1);
        }

        words = end;
    }

    wrong = consent_dialect_check(line);

    if (wrong) {
        diag("%s", wrong);
        exit(1);
    }

    return line;
}


static const consent_markup_t *
dialect_make(const dialect_t *d)
{
    unsigned           i;
    const char        *lines[CONSENT_DIALECT_LINES];
    consent_dialect_t  dialect;

    lines[CONSENT_DIALECT_SCRIPT] = d->script;
    lines[CONSENT_DIALECT_INLINE] = d->inlines;
    lines[CONSENT_DIALECT_OTHER] = d->other;
    lines[CONSENT_DIALECT_MODULE] = d->module;

    memset(&dialect, 0, sizeof(consent_dialect_t));

    for (i = 0; i < CONSENT_DIALECT_LINES; i++) {
        if (lines[i]) {
            dialect.lines[i] = line_make((consent_dialect_e) i, lines[i]);
        }
    }

    dialect.names[PERFORMANCE] = str(d->text);
    dialect.only_named = d->only_named & 1;

    return consent_dialect_compile(test_mem(), &policy, own, &dialect);
}


static const consent_markup_t *
dialect_find(const char *name)
{
    size_t  i;

    for (i = 0; i < NDIALECTS; i++) {
        if (strcmp(dialects[i].name, name) == 0) {
            return markups[i];
        }
    }

    return own;
}


/* every occurrence of a name that the list has; words outlive the edits */

static unsigned
edits_make(consent_edit_t *edits, const char *words, consent_str_t tag,
    size_t name_end)
{
    size_t           len;
    unsigned         n;
    const char      *w;
    const uint8_t   *p;
    consent_attr_t   attr;

    n = 0;
    p = tag.data + name_end;

    while (consent_attr_next(&attr, &p, tag.data + tag.len - 1)) {

        for (w = words; *w; w += strcspn(w, " ")) {
            w += strspn(w, " ");
            len = strcspn(w, " =+");

            if (len == 0
                || !consent_str_caseeq(attr.name,
                           consent_str_make((const uint8_t *) w, len)))
            {
                continue;
            }

            memset(&edits[n], 0, sizeof(consent_edit_t));
            edits[n].attr = attr;

            w += len;

            if (*w == '+') {
                edits[n].keep = 1;
                w++;
            }

            if (*w == '=') {
                w++;
                edits[n].value = consent_str_make((const uint8_t *) w,
                                                  strcspn(w, " "));
            }

            n++;
            break;
        }
    }

    return n;
}


static int
sink_call(output_t *out, const uint8_t *p, size_t len)
{
    if (len == 0) {
        out->stray++;
    }

    memcpy(out->data + out->len, p, len);
    out->len += len;

    return (out->fail && --out->fail == 0) ? -1 : 0;
}


static int
sink_pass(void *data, const uint8_t *p, size_t len)
{
    output_t  *out = data;

    if (p < out->at || p + len > out->end) {
        out->stray++;
    }

    out->at = p + len;
    out->passes++;

    return sink_call(out, p, len);
}


static int
sink_copy(void *data, const uint8_t *p, size_t len)
{
    return sink_call(data, p, len);
}


/* the tag is in memory of exactly its size */

static int
run(output_t *out, const consent_markup_t *markup, consent_mark_e kind,
    int category, const char *words, consent_str_t tag, unsigned held,
    unsigned fail)
{
    int                    rc;
    size_t                 name_end;
    uint8_t               *copy;
    unsigned               n;
    consent_str_t          view;
    consent_sink_t         sink;
    static consent_edit_t  edits[MAX_EDITS];

    copy = malloc(tag.len);
    memcpy(copy, tag.data, tag.len);

    view = consent_str_make(copy, tag.len);
    name_end = name_end_of(view);
    n = edits_make(edits, words, view, name_end);

    out->len = 0;
    out->stray = 0;
    out->passes = 0;
    out->fail = fail;
    out->at = copy;
    out->end = copy + tag.len;

    sink.pass = sink_pass;
    sink.copy = sink_copy;
    sink.literal = sink_copy;
    sink.data = out;

    rc = consent_mark_tag(markup, &sink, kind, category, view, name_end, held,
                          edits, n, NULL);

    free(copy);

    return rc;
}


static size_t
name_end_of(consent_str_t tag)
{
    size_t  i;

    for (i = 1; i < tag.len; i++) {
        if (consent_is_space(tag.data[i]) || tag.data[i] == '/'
            || tag.data[i] == '>')
        {
            break;
        }
    }

    return i;
}


static int
first_attr(consent_str_t tag, const char *name, consent_attr_t *found)
{
    const uint8_t  *p;

    p = tag.data + name_end_of(tag);

    while (consent_attr_next(found, &p, tag.data + tag.len - 1)) {
        if (consent_attr_is(found, name)) {
            return 1;
        }
    }

    return 0;
}


static void
test_cases(void)
{
    size_t                   i;
    const case_t            *c;
    static output_t          out;
    const consent_markup_t  *markup;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        c = &cases[i];
        markup = dialect_find(c->dialect);

        run(&out, markup, c->kind, c->category, c->edits, str(c->tag), 0, 0);

        is_str(out.data, out.len, c->out, "%s: case %zu", c->dialect, i);
        is_int(out.stray, 0, "%s: case %zu: passed in order", c->dialect, i);

        run(&out, markup, c->kind, c->category, c->edits, str(c->tag), 1, 0);

        is_str(out.data, out.len, c->out, "%s: case %zu: held", c->dialect,
               i);
        is_int(out.passes, 0, "%s: case %zu: held: copied", c->dialect, i);
    }
}


static void
test_words(void)
{
    size_t                  i, at;
    const char             *p, *end, *wrong;
    char                    word[256];
    const word_case_t      *c;
    consent_dialect_line_t  line;

    for (i = 0; i < sizeof(word_cases) / sizeof(word_cases[0]); i++) {
        c = &word_cases[i];

        memset(&line, 0, sizeof(consent_dialect_line_t));
        line.kind = c->kind;

        wrong = NULL;
        p = c->words;

        while (wrong == NULL && (end = next_word(p, word)) != NULL) {
            at = (size_t) (end - p) - strlen(word);
            wrong = consent_dialect_add(&line,
                        consent_str_make((const uint8_t *) p + at,
                                         strlen(word)));
            p = end;
        }

        if (wrong == NULL) {
            wrong = consent_dialect_check(&line);
        }

        if (!ok(c->message ? wrong && strstr(wrong, c->message)
                           : wrong == NULL,
                "words: %s", c->words))
        {
            diag("%s", wrong ? wrong : "accepted");
        }
    }
}


/* a tag full of attributes that are renamed */

static void
test_limits(void)
{
    char            *tag;
    size_t           i, n;
    consent_attr_t   attr;
    static output_t  out;

    n = MAX_EDITS - 2;
    tag = malloc(7 * n + 9);

    memcpy(tag, "<script", 7);

    for (i = 0; i < n; i++) {
        memcpy(tag + 7 + 7 * i, i % 3 ? " src=u " : " type=x", 7);
    }

    memcpy(tag + 7 + 7 * n, ">", 2);

    run(&out, dialect_find("klaro"), CONSENT_MARK_SCRIPT, 0, "src", str(tag),
        0, 0);

    ok(!first_attr(consent_str_make(out.data, out.len), "src", &attr),
       "thousands of attributes");

    free(tag);
}


static void
test_loaders(void)
{
    size_t                  i;
    uint8_t                 buf[CONSENT_URL_MIN_BUFFER];
    consent_url_t           url;
    consent_match_t        *match;
    consent_dialect_t       dialect;
    consent_match_error_t   err;
    consent_markup_t       *markup;

    static const struct {
        const char  *url;
        unsigned     own_site;
        int          loader;
    } urls[] = {
        { "https://cdn.cmp.example/loader.js", 0, 1 },
        { "https://cdn.example/cmp/a.js", 0, 1 },
        { "https://cdn.example/other.js", 0, 0 },
        { "https://site.example/cmp.js", 1, 1 },
        { "https://site.example/cmp.js", 0, 0 }
    };

    match = consent_match_create(test_mem());

    consent_match_add(match, CONSENT_RULE_RESOURCE, CONSENT_LAYER_RULES,
                      str(".cmp.example"), 0, 0, &err);
    consent_match_add(match, CONSENT_RULE_RESOURCE, CONSENT_LAYER_RULES,
                      str("cdn.example/cmp/"), 0, 0, &err);
    consent_match_add(match, CONSENT_RULE_RESOURCE, CONSENT_LAYER_RULES,
                      str("/cmp.js"), 0, 0, &err);
    consent_match_compile(match);

    memset(&dialect, 0, sizeof(consent_dialect_t));
    dialect.lines[CONSENT_DIALECT_OTHER] =
        line_make(CONSENT_DIALECT_OTHER, "data-x=%c src->data-src");
    dialect.loaders = match;

    markup = consent_dialect_compile(test_mem(), &policy, own, &dialect);

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        consent_url_parse(&url, NULL, str(urls[i].url), buf, sizeof(buf));

        is_int(consent_markup_is_loader(markup, &url, urls[i].own_site),
               urls[i].loader, "loader: %s", urls[i].url);
        is_int(consent_markup_is_loader(own, &url, urls[i].own_site), 0,
               "no loader of \"consent\": %s", urls[i].url);
    }

    consent_match_destroy(match);
}


static unsigned  allocations;


static void *
short_alloc(void *data, size_t size)
{
    (void) data;

    return allocations-- ? test_mem()->alloc(NULL, size) : NULL;
}


static void
test_memory(void)
{
    unsigned           i, missed;
    consent_mem_t      mem;
    consent_dialect_t  dialect;

    mem.alloc = short_alloc;
    mem.data = NULL;

    memset(&dialect, 0, sizeof(consent_dialect_t));
    dialect.lines[CONSENT_DIALECT_SCRIPT] =
        line_make(CONSENT_DIALECT_SCRIPT, dialects[NDIALECTS - 1].script);
    dialect.lines[CONSENT_DIALECT_MODULE] =
        line_make(CONSENT_DIALECT_MODULE,
                  "type=text/plain type->data-type=x");

    missed = 0;

    for (i = 0; i < 1000; i++) {
        allocations = i;

        if (consent_dialect_compile(&mem, &policy, own, &dialect)) {
            break;
        }

        missed++;
    }

    ok(missed > 5 && missed < 1000, "a dialect without memory: %u", missed);

    for (i = 0; i < 1000; i++) {
        allocations = i;

        if (consent_markup_create(&mem, &policy)) {
            break;
        }
    }

    ok(i > 3 && i < 1000, "\"consent\" without memory: %u", i);
}


static void
test_failing_sink(void)
{
    unsigned         i;
    static output_t  out;
    const char      *tag = "<img class=a\"b src=u srcset=s id=i style>";

    for (i = 1; i < 100; i++) {
        if (run(&out, dialect_find("odd"), CONSENT_MARK_OTHER, 0,
                "src srcset+=x style=y", str(tag), 0, i)
            == 0)
        {
            break;
        }
    }

    ok(i > 15 && i < 100 && out.fail, "each failure of the sink is passed on");
}


static uint32_t  seed = 1;


static uint32_t
chance(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;

    return (seed >> 8) % n;
}


/* attributes of all kinds with anything between them */

static size_t
random_tag(uint8_t *tag)
{
    size_t       len;
    unsigned     i, n;
    const char  *part;

    static const char *const  parts[] = {
        "src", "SRC", "src", "type", "Type", "class", "data-src", "id",
        "data-name", "data-consent", "data-type", "srcset", "style", "alt",
        "=", "=", "=", "=", "=", " ", " ", " ", "/", "\n", "'", "'", "\"",
        "\"", "'a b'", "\"c d\"", "module", "u", "x=y", "''", "\"\"", "&quot;",
        "=src", "text/javascript", "a", "\f"
    };

    memcpy(tag, "<script", 7);
    len = 7;

    tag[len++] = chance(10) ? ' ' : '/';

    n = 1 + chance(24);

    for (i = 0; i < n; i++) {
        part = parts[chance(sizeof(parts) / sizeof(parts[0]))];

        memcpy(tag + len, part, strlen(part));
        len += strlen(part);
    }

    /* so that every quote that is open ends inside the tag */

    memcpy(tag + len, "'\"'>", 4);

    return len + 4;
}


/* NULL, or what the dialect has done to a tag that it must not do */

static const char *
broken(consent_mark_e kind, consent_str_t in, consent_str_t out)
{
    unsigned         stays;
    const uint8_t   *p;
    consent_attr_t   attr;

    if (kind != CONSENT_MARK_OTHER) {

        if (!first_attr(out, "type", &attr)
            || consent_load_script(attr.value) != CONSENT_SCRIPT_NONE)
        {
            return "the script runs";
        }

    } else if (first_attr(out, "src", &attr)
               && !consent_str_eq(attr.value, str("data:,"))
               && !consent_str_eq(attr.value, str("about:blank")))
    {
        return "src is there";
    }

    p = in.data + name_end_of(in);

    while (consent_attr_next(&attr, &p, in.data + in.len - 1)) {
        stays = has_value(out, &attr);

        if (!stays) {
            return "a value is lost";
        }
    }

    return NULL;
}


/* somewhere, by whatever name; of a class at the end of a longer one */

static unsigned
has_value(consent_str_t out, const consent_attr_t *attr)
{
    size_t           len;
    uint8_t          a[MAX_TAG], b[MAX_TAG];
    consent_str_t    wanted, value;
    const uint8_t   *p;
    consent_attr_t   other;

    len = consent_charref_decode(a, sizeof(a), attr->value);
    wanted = consent_str_make(a, len);

    p = out.data + name_end_of(out);

    while (consent_attr_next(&other, &p, out.data + out.len - 1)) {

        len = consent_charref_decode(b, sizeof(b), other.value);
        value = consent_str_make(b, len);

        if (consent_attr_is(attr, "class") && consent_attr_is(&other, "class")
            && value.len > wanted.len)
        {
            value.data += value.len - wanted.len;
            value.len = wanted.len;
        }

        if (consent_str_eq(value, wanted)) {
            return 1;
        }
    }

    return 0;
}


static void
test_random(void)
{
    size_t           i, n;
    uint8_t          tag[4096];
    unsigned         bad, stray;
    const char      *what;
    static output_t  out;
    consent_mark_e   kind;
    consent_str_t    in;

    bad = 0;
    stray = 0;

    for (n = 0; n < 20000 && bad < 5; n++) {

        in = consent_str_make(tag, random_tag(tag));
        kind = (consent_mark_e) chance(CONSENT_MARK_KINDS);

        for (i = 0; i <= NDIALECTS; i++) {

            run(&out, i < NDIALECTS ? markups[i] : own, kind,
                (int) chance(2), "src", in, 0, 0);

            stray += out.stray;
            what = broken(kind, in, consent_str_make(out.data, out.len));

            if (what) {
                diag("%s: %s", i < NDIALECTS ? dialects[i].name : "consent",
                     what);
                diag(" in: %.*s", (int) in.len, (const char *) in.data);
                diag("out: %.*s", (int) out.len, (const char *) out.data);
                bad++;
            }
        }
    }

    is_int(bad, 0, "nothing runs and nothing is lost in odd tags");
    is_int(stray, 0, "and all is passed in order");
}
