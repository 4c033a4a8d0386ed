# ruff: noqa: RUF001, E501  # a row for each format; letters as they are written there
"""Month names of the languages of Europe and some others in Latin script.

The wide and abbreviated forms of the Unicode CLDR, nominative and genitive, compared as context
words are: without case, accents and the differences that engines do not see, so "Septernber" and
"0ctober" are read. A name that is another month elsewhere is left to the larger language:
"listopad" is Polish and Czech November, and not Croatian October.
"""

from functools import lru_cache

from ocr_service.entities.context import fold
from ocr_service.entities.pattern import words

_NAMES = (
    "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari ocak oca styczeń stycznia sty leden ledna január januára januarja ianuarie ian siječanj siječnja gener jaanuar janvāris sausio sausis tammikuu tammikuuta январь января янв януари січень січня січ јануар јануара ιανουάριος ιανουαρίου ιαν",
    "february feb febr februar feber février févr fév febrero febbraio fevereiro fev februari şubat şub luty lutego lut únor února február februára februarja februarie veljača veljače febrer veebruar februāris vasario vasaris helmikuu helmikuuta февраль февраля фев февруари лютий лютого лют фебруар фебруара φεβρουάριος φεβρουαρίου φεβ",
    "march mar märz mär mrz mars marzo março maart mrt mart marzec marca březen března marec marts március martie ožujak ožujka març märts kovo kovas maaliskuu maaliskuuta maret март марта мар березень березня бер μάρτιος μαρτίου μαρ",
    "april apr avril avr abril abr aprile nisan nis kwiecień kwietnia kwi duben dubna apríl apríla április aprila aprilie travanj travnja aprill aprīlis balandžio balandis huhtikuu huhtikuuta апрель апреля апр април априла квітень квітня квіт απρίλιος απριλίου απρ",
    "may mai mayo maggio mag maio mei mayıs maj maja květen května máj mája május svibanj svibnja maig maijs gegužės gegužė toukokuu toukokuuta май мая маја мај травень травня трав μάιος μαΐου μαι",
    "june jun juni juin junio giugno giu junho haziran haz czerwiec czerwca cze červen června jún júna június junija junij iunie iun lipanj lipnja juny juuni jūnijs birželio birželis kesäkuu kesäkuuta июнь июня июн юни червень червня черв јун јуна juna ιούνιος ιουνίου ιουν",
    "july jul juli juillet juil julio luglio lug julho temmuz tem lipiec lipca lip červenec července júl júla július julija julij iulie iul srpanj srpnja juliol juuli jūlijs liepos liepa heinäkuu heinäkuuta июль июля июл юли липень липня лип јул јула jula ιούλιος ιουλίου ιουλ",
    "august aug août aou aout agosto ago augustus ağustos ağu sierpień sierpnia sie srpen srpna augusta augusztus avgust avgusta kolovoz kolovoza agost augusts rugpjūčio rugpjūtis elokuu elokuuta agustus август августа авг серпень серпня серп αύγουστος αυγούστου αυγ",
    "september sep sept septembre septiembre settembre set setembro eylül eyl setiembre wrzesień września wrz září septembra szeptember septembrie rujan rujna setembre septembris rugsėjo rugsėjis syyskuu syyskuuta сентябрь сентября сен сент септември вересень вересня вер септембар септембра septembar σεπτέμβριος σεπτεμβρίου σεπ",
    "october oct oktober okt octobre octubre ottobre ott outubro out ekim eki październik października paź říjen října októbra október oktobra octombrie oktoober oktobris spalio spalis lokakuu lokakuuta октябрь октября окт октомври жовтень жовтня жовт октобар октобра oktobar οκτώβριος οκτωβρίου οκτ",
    "november nov novembre noviembre novembro kasım kas listopad listopada listopadu novembra noiembrie noi studeni studenoga studenog novembris lapkričio lapkritis marraskuu marraskuuta ноябрь ноября ноя ноември листопад листопада новембар новембра novembar νοέμβριος νοεμβρίου νοε",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro aralık ara grudzień grudnia gru prosinec prosince decembra decembrie prosinac prosinca desembre desember detsember decembris gruodžio gruodis joulukuu joulukuuta декабрь декабря дек декември грудень грудня груд децембар децембра decembar δεκέμβριος δεκεμβρίου δεκ",
)  # fmt: skip
ENGLISH = frozenset(
    map(
        fold,
        words(
            """
            january february march april may june july august september october november december
            jan feb mar apr jun jul aug sep sept oct nov dec
            """
        ),
    )
)
"""Names that stand before their day."""
_MONTHS = {
    fold(name): number for number, names in enumerate(_NAMES, start=1) for name in names.split()
}


@lru_cache(maxsize=2048)
def month_of(word: str) -> int:
    """Return the month that a word names, 1 to 12, or 0."""
    return _MONTHS.get(fold(word), 0)
