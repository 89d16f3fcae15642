"""Display names of countries (ISO 3166-1 alpha-2) and blocs. Pure data."""

from __future__ import annotations

from typing import Final

_COUNTRIES: Final = """
AD Andorra; AE United Arab Emirates; AF Afghanistan; AG Antigua and Barbuda; AI Anguilla; AL Albania; AM
Armenia; AO Angola; AQ Antarctica; AR Argentina; AS American Samoa; AT Austria; AU Australia; AW Aruba; AX Åland
Islands; AZ Azerbaijan; BA Bosnia and Herzegovina; BB Barbados; BD Bangladesh; BE Belgium; BF Burkina Faso; BG
Bulgaria; BH Bahrain; BI Burundi; BJ Benin; BL St Barthelemy; BM Bermuda; BN Brunei; BO Bolivia; BQ Caribbean
Netherlands; BR Brazil; BS Bahamas; BT Bhutan; BV Bouvet Island; BW Botswana; BY Belarus; BZ Belize; CA Canada;
CC Cocos (Keeling) Islands; CD DR Congo; CF Central African Republic; CG Congo-Brazzaville; CH Switzerland; CI
Côte d'Ivoire; CK Cook Islands; CL Chile; CM Cameroon; CN China; CO Colombia; CR Costa Rica; CU Cuba; CV Cape
Verde; CW Curaçao; CX Christmas Island; CY Cyprus; CZ Czechia; DE Germany; DJ Djibouti; DK Denmark; DM Dominica;
DO Dominican Republic; DZ Algeria; EC Ecuador; EE Estonia; EG Egypt; EH Western Sahara; ER Eritrea; ES Spain; ET
Ethiopia; FI Finland; FJ Fiji; FK Falkland Islands; FM Micronesia; FO Faroe Islands; FR France; GA Gabon; GB
United Kingdom; GD Grenada; GE Georgia; GF French Guiana; GG Guernsey; GH Ghana; GI Gibraltar; GL Greenland; GM
Gambia; GN Guinea; GP Guadeloupe; GQ Equatorial Guinea; GR Greece; GS South Georgia; GT Guatemala; GU Guam; GW
Guinea-Bissau; GY Guyana; HK Hong Kong; HM Heard Island; HN Honduras; HR Croatia; HT Haiti; HU Hungary; ID
Indonesia; IE Ireland; IL Israel; IM Isle of Man; IN India; IO British Indian Ocean Territory; IQ Iraq; IR Iran;
IS Iceland; IT Italy; JE Jersey; JM Jamaica; JO Jordan; JP Japan; KE Kenya; KG Kyrgyzstan; KH Cambodia; KI
Kiribati; KM Comoros; KN St Kitts and Nevis; KP North Korea; KR South Korea; KW Kuwait; KY Cayman Islands; KZ
Kazakhstan; LA Laos; LB Lebanon; LC St Lucia; LI Liechtenstein; LK Sri Lanka; LR Liberia; LS Lesotho; LT
Lithuania; LU Luxembourg; LV Latvia; LY Libya; MA Morocco; MC Monaco; MD Moldova; ME Montenegro; MF Saint
Martin; MG Madagascar; MH Marshall Islands; MK North Macedonia; ML Mali; MM Myanmar; MN Mongolia; MO Macau; MP
Northern Mariana Islands; MQ Martinique; MR Mauritania; MS Montserrat; MT Malta; MU Mauritius; MV Maldives; MW
Malawi; MX Mexico; MY Malaysia; MZ Mozambique; NA Namibia; NC New Caledonia; NE Niger; NF Norfolk Island; NG
Nigeria; NI Nicaragua; NL Netherlands; NO Norway; NP Nepal; NR Nauru; NU Niue; NZ New Zealand; OM Oman; PA
Panama; PE Peru; PF French Polynesia; PG Papua New Guinea; PH Philippines; PK Pakistan; PL Poland; PM St Pierre
and Miquelon; PN Pitcairn; PR Puerto Rico; PS Palestine; PT Portugal; PW Palau; PY Paraguay; QA Qatar; RE
Réunion; RO Romania; RS Serbia; RU Russia; RW Rwanda; SA Saudi Arabia; SB Solomon Islands; SC Seychelles; SD
Sudan; SE Sweden; SG Singapore; SH St Helena; SI Slovenia; SJ Svalbard and Jan Mayen; SK Slovakia; SL Sierra
Leone; SM San Marino; SN Senegal; SO Somalia; SR Suriname; SS South Sudan; ST Sao Tome and Principe; SV El
Salvador; SX Sint Maarten; SY Syria; SZ Eswatini; TC Turks and Caicos Islands; TD Chad; TF French Southern
Territories; TG Togo; TH Thailand; TJ Tajikistan; TK Tokelau; TL East Timor; TM Turkmenistan; TN Tunisia; TO
Tonga; TR Turkey; TT Trinidad and Tobago; TV Tuvalu; TW Taiwan; TZ Tanzania; UA Ukraine; UG Uganda; UM US
outlying islands; US United States; UY Uruguay; UZ Uzbekistan; VA Vatican City; VC St Vincent; VE Venezuela; VG
British Virgin Islands; VI US Virgin Islands; VN Vietnam; VU Vanuatu; WF Wallis and Futuna; WS Samoa; YE Yemen;
YT Mayotte; ZA South Africa; ZM Zambia; ZW Zimbabwe
"""

_BLOCS: Final = """
EU European Union; G7 G7; G20 G20; QUAD Quad; BRICS BRICS; ASEAN ASEAN; SCO Shanghai Cooperation Organisation;
EAEU Eurasian Economic Union; SADC SADC; AFU African Union; NATO NATO; C5 Central Asian C5; FVEY Five Eyes; WTO
WTO; OECD OECD; IEA International Energy Agency; UN United Nations; MSP Minerals Security Partnership; IPEF
IPEF; ECOWAS ECOWAS; GCC Gulf Cooperation Council; OPEC OPEC; AUKUS AUKUS; MERCOSUR Mercosur; EFTA EFTA;
ATPC Association of Tin Producing Countries; ITC International Tin Council
"""

_ARTICLE: Final = frozenset("US GB NL PH AE EU QUAD UN CF DO MV BS GM MH SB C5 AFU MSP GCC WTO OECD G7 G20".split())
"""Places that take "the" inside a sentence."""


def _table(text: str) -> dict[str, str]:
    pairs = (entry.strip().split(" ", 1) for entry in text.replace("\n", " ").split(";"))
    return {code: name.strip() for code, name in pairs}


PLACES: Final = {**_table(_COUNTRIES), **_table(_BLOCS)}
"""Code to name. A code that is not here is shown as it is."""


def place(code: str) -> str:
    """Name of a country or bloc as it stands in a list: `DR Congo`, `United States`."""
    return "all destinations" if code == "all" else PLACES.get(code, code)


def place_in_sentence(code: str) -> str:
    """The same inside a sentence: `the United States`."""
    return f"the {place(code)}" if code in _ARTICLE else place(code)
