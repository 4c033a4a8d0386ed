"""Checks that python-stdnum does not have. Each takes letters and digits only, upper-case."""

import re

from ocr_service.entities.id_schemes.arithmetic import (
    exists,
    icao,
    iso_date,
    luhn,
    weighted,
    yymmdd,
)


def de_document(number: str) -> bool:
    """German identity card and passport: the machine-readable check digit ends the number."""
    letters = re.fullmatch(r"[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{7,8}\d", number)
    return (
        bool(letters)
        and re.search(r"\d", number[:-1]) is not None
        and (icao(number[:-1]) == number[-1])
    )


def de_kvnr(number: str) -> bool:
    """German health insurance number (§ 290 SGB V): Luhn with the letter as two digits."""
    digits = f"{ord(number[0]) - 64:02}{number[1:9]}"
    total = sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(digits))
    return total % 10 == int(number[9])


def de_rvnr(number: str) -> bool:
    """German pension insurance number (VKVV § 4): area, date, letter, serial, check digit."""
    if not re.fullmatch(r"\d{8}[A-Z]\d{3}", number):
        return False
    day, month = int(number[2:4]), int(number[4:6])
    if not (1 <= day <= 31 or 51 <= day <= 81 or day == 0) or month > 12 or number[:2] < "02":
        return False
    digits = f"{number[:8]}{ord(number[8]) - 64:02}{number[9:11]}"
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    total = sum(
        sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(digits, weights, strict=True)
    )
    return total % 10 == int(number[11])


def at_vnr(number: str) -> bool:
    """Austrian insurance number (ASVG § 31): serial, check digit mod 11, date; months up to 15."""
    rest = weighted(number[:3] + number[4:], (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11
    dated = "01" <= number[4:6] <= "31" and "01" <= number[6:8] <= "15"
    return number[0] != "0" and rest == int(number[3]) and dated


def gb_nino(number: str) -> bool:
    """National Insurance number (HMRC NIM39110): prefixes that are issued."""
    return bool(
        re.fullmatch(
            r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", number
        )
    )


def sg_nric(number: str) -> bool:
    """Singapore NRIC and FIN: weights 2765432, letter by series."""
    if not re.fullmatch(r"[STFGM]\d{7}[A-Z]", number):
        return False
    total = weighted(number[1:8], (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(
        number[0], 0
    )
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "M": "KLJNPQRTUWX"}
    series = letters.get(number[0], "XWUTRQPNMLK")
    place = 10 - total % 11 if number[0] == "M" else total % 11
    return number[8] == series[place]


def hk_id(number: str) -> bool:
    """Hong Kong identity card: one or two letters, six digits, check character mod 11."""
    match = re.fullmatch(r"([A-Z]{1,2})(\d{6})([\dA])", number)
    if match is None:
        return False
    letters = [36] * (2 - len(match[1])) + [ord(letter) - 55 for letter in match[1]]
    total = letters[0] * 9 + letters[1] * 8 + weighted(match[2], (7, 6, 5, 4, 3, 2))
    return (total + (10 if match[3] == "A" else int(match[3]))) % 11 == 0


def tw_id(number: str) -> bool:
    """Taiwan national identification card: letter by county, weights 1987654321 and 1."""
    if not re.fullmatch(r"[A-Z][1289]\d{8}", number):
        return False
    code = 10 + "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(number[0])
    total = code // 10 + code % 10 * 9 + weighted(number[1:9], (8, 7, 6, 5, 4, 3, 2, 1))
    return (total + int(number[9])) % 10 == 0


def ir_code(number: str) -> bool:
    """Iranian national code: weights 10 to 2, mod 11."""
    if len(set(number)) == 1:
        return False
    rest = weighted(number[:9], (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return int(number[9]) == (rest if rest < 2 else 11 - rest) and int(number[:9]) > 1


def ae_id(number: str) -> bool:
    """Emirates ID: 784, year, serial, Luhn."""
    return number.startswith("784") and number[3:5] in {"19", "20"} and luhn(number)


def sa_id(number: str) -> bool:
    """Saudi national identity and residence number: 1 or 2 in front, Luhn."""
    return number[0] in "12" and luhn(number)


def kz_iin(number: str) -> bool:
    """Kazakh individual number: date, century, serial, two-step mod 11."""
    if not yymmdd(number) or number[6] not in "123456":
        return False
    rest = weighted(number[:11], tuple(range(1, 12))) % 11
    if rest == 10:
        rest = weighted(number[:11], (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11
    return rest == int(number[11])


def ru_snils(number: str) -> bool:
    """Russian pension insurance number: weights 9 to 1, mod 101."""
    return weighted(number[:9], (9, 8, 7, 6, 5, 4, 3, 2, 1)) % 101 % 100 == int(number[9:])


def lk_nic(number: str) -> bool:
    """Sri Lankan identity card: year and day of year (500 more for women)."""
    days = int(number[4:7] if len(number) == 12 else number[2:5])
    year_fits = len(number) == 10 or number[:2] in {"19", "20"}
    return year_fits and 1 <= (days - 500 if days > 500 else days) <= 366


def au_medicare(number: str) -> bool:
    """Australian Medicare card: weights 13791379, mod 10."""
    weights = (1, 3, 7, 9, 1, 3, 7, 9)
    return number[0] in "23456" and weighted(number[:8], weights) % 10 == int(number[8])


def us_mbi(number: str) -> bool:
    """Medicare beneficiary identifier (CMS): letters but S, L, O, I, B, Z at fixed places."""
    letter = "[AC-HJKMNP-RT-Y]"
    both = "[AC-HJKMNP-RT-Y0-9]"
    return bool(re.fullmatch(rf"[1-9]{letter}{both}\d{letter}{both}\d{letter}{letter}\d\d", number))


def uy_ci(number: str) -> bool:
    """Uruguayan identity card: weights 2987634, mod 10."""
    number = number.zfill(8)
    return -weighted(number[:7], (2, 9, 8, 7, 6, 3, 4)) % 10 == int(number[7])


def hu_tax(number: str) -> bool:
    """Hungarian tax identification number: 8 in front, weights 1 to 9, mod 11."""
    return number[0] == "8" and weighted(number[:9], tuple(range(1, 10))) % 11 == int(number[9])


def hu_taj(number: str) -> bool:
    """Hungarian social insurance number: weights 3 and 7, mod 10."""
    return weighted(number[:8], (3, 7) * 4) % 10 == int(number[8])


def th_pin(number: str) -> bool:
    """Thai citizen number: kind, province (ISO 3166-2:TH), mod 11."""
    kind, province = int(number[0]), int(number[1:3])
    known = (
        10 <= province <= 27 or 30 <= province <= 49 or 50 <= province <= 58
        or 60 <= province <= 67 or 70 <= province <= 77 or 80 <= province <= 86
        or 90 <= province <= 96
    )  # fmt: skip
    total = weighted(number[:12], tuple(range(13, 1, -1)))
    return 1 <= kind <= 8 and known and (11 - total % 11) % 10 == int(number[12])


def kr_rrn(number: str) -> bool:
    """Korean resident and foreigner registration: date, century, mod 11 (13 for foreigners)."""
    century = {"9": 1800, "0": 1800, "1": 1900, "2": 1900, "5": 1900, "6": 1900}
    year = century.get(number[6], 2000) + int(number[:2])
    if not exists(year, int(number[2:4]), int(number[4:6])):
        return False
    total = weighted(number[:12], (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5))
    base = 13 if number[6] in "5678" else 11
    return (base - total % 11) % 10 == int(number[12])


def fi_hetu(number: str) -> bool:
    """Finnish identity code (DVV): date, century sign, serial with temporary ones, mod 31."""
    match = re.fullmatch(r"(\d\d)(\d\d)(\d\d)([-+A-FU-Y])(\d{3})([0-9A-Y])", number)
    if match is None:
        return False
    century = {"+": 1800, "-": 1900}.get(match[4], 1900 if match[4] in "UVWXY" else 2000)
    if not exists(century + int(match[3]), int(match[2]), int(match[1])) or match[5] < "002":
        return False
    rest = int(match[1] + match[2] + match[3] + match[5]) % 31
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[rest] == match[6]


_MY_UNUSED = frozenset(
    {"00", "17", "18", "19", "20", "69", "70", "73", "80", "81", "94", "95", "96", "97"}
)


def my_nric(number: str) -> bool:
    """Malaysian identity card: date and a place code that exists."""
    return yymmdd(number) and number[6:8] not in _MY_UNUSED


def be_nn(number: str) -> bool:
    """Belgian national number: date (months of bis numbers raised), mod 97, also from 2000 on."""
    year, month, day = int(number[:2]), int(number[2:4]) % 20, int(number[4:6])
    for century, front in ((1900, ""), (2000, "2")):
        if 97 - int(front + number[:9]) % 97 == int(number[9:]):
            return month == 0 or day == 0 or exists(century + year, month, day)
    return False


def lv_code(number: str) -> bool:
    """Latvian personal code: date and mod 11, or the new ones that begin with 32."""
    if number.startswith("32"):
        return True
    total = 1101 - weighted(number[:10], (1, 6, 3, 7, 9, 10, 5, 8, 4, 2))
    century = {"0": 1800, "1": 1900, "2": 2000}.get(number[6])
    if century is None or not exists(century + int(number[4:6]), int(number[2:4]), int(number[:2])):
        return False
    return total % 11 % 10 == int(number[10])


def dk_cpr(number: str) -> bool:
    """Danish civil registration: a date; mod 11 has not been kept since 2007."""
    day, month, year = int(number[:2]), int(number[2:4]), int(number[4:6])
    return exists(1900 + year, month, day) or exists(2000 + year, month, day)


def ph_tin(number: str) -> bool:
    """Philippine taxpayer number: weights 9 to 2 backwards, mod 11 (BIR)."""
    rest = weighted(number[:8], (1, 2, 3, 4, 5, 6, 7, 8)) % 11
    return rest % 10 == int(number[8])


def us_npi(number: str) -> bool:
    """National provider identifier (CMS): Luhn with 80840 in front."""
    return number[0] in "12" and luhn("80840" + number)


def lu_matricule(number: str) -> bool:
    """Luxembourg identification number: date, serial, Luhn and Verhoeff digits (law of 2013)."""
    from stdnum import verhoeff  # loaded when such a number is seen

    return iso_date(number) and luhn(number[:12]) and verhoeff.is_valid(number[:11] + number[12])


def cn_ric(number: str) -> bool:
    """Chinese resident identity card (GB 11643-1999): place, date, ISO 7064 mod 11-2."""
    from stdnum.iso7064 import mod_11_2  # loaded when such a number is seen

    return "11" <= number[:2] <= "83" and iso_date(number[6:14]) and mod_11_2.is_valid(number)


def za_id(number: str) -> bool:
    """South African identity number: date, citizen, resident or refugee, Luhn."""
    return yymmdd(number) and number[10] in "012" and luhn(number)


def md_idnp(number: str) -> bool:
    """Moldovan personal number: 2 (or 09) in front, weights 7, 3, 1, mod 10."""
    front = number.startswith(("2", "09"))
    return front and weighted(number[:12], (7, 3, 1) * 4) % 10 == int(number[12])


def eg_national(number: str) -> bool:
    """Egyptian national number: century 2 or 3, date, governorate; the last digit is secret."""
    century = {"2": 1900, "3": 2000}.get(number[0])
    if century is None or not ("01" <= number[7:9] <= "35" or number[7:9] == "88"):
        return False
    return exists(century + int(number[1:3]), int(number[3:5]), int(number[5:7]))
