"""The words that say that an identifier follows, and how sure they make us."""

from enum import IntEnum
from typing import NamedTuple

from cases.deidentification.findings import Kind


class Grip(IntEnum):
    """How firmly a label holds the number after it."""

    SURE = 0
    """The word announces an identifier and nothing else."""
    WEAK = 1
    """The word has other uses: its number must look like an identifier, unless a number sign or a colon is between."""
    NUMBERED = 2
    """An everyday word, a label only together with "no.", "number", "ID" or "#"."""


class Label(NamedTuple):
    """What labels announce, how firmly, and how many digits the number has at least."""

    kind: Kind
    grip: Grip
    digits: int
    phrases: str


LABELS = (
    Label(
        Kind.HEALTH_NUMBER,
        Grip.SURE,
        7,
        """hcn, hin, ohip, health card, healthcard, health insurance, health ins, provincial health number,
        phin, personal health number, health number, health no, ahcip, mcp, ramq, nam, carte sante,
        carte soleil, assurance maladie, carte d assurance maladie, numero de sante, health plan
        beneficiary, green card, red and white card, nhs, hsn, healthcare number, health care number,
        mhsc, msi, ulli, hlth crd, health crd, hlth card, helth card, health cd, hlth no, carte d
        assurance, hc no, hc, health plan number, niss, no sante""",
    ),
    Label(
        Kind.HEALTH_NUMBER,
        Grip.WEAK,
        8,
        "hn, phn, card, carte, msp, medicare, insured no, hc card, oh, hc num",
    ),
    Label(
        Kind.SIN,
        Grip.SURE,
        6,
        "sin, social insurance, social ins, ssn, social security, nas, assurance sociale",
    ),
    Label(
        Kind.MRN,
        Grip.SURE,
        3,
        """mrn, m r n, acct, medical record number, medical record no, med rec no, mr no, mr number, pt id,
        accession, acc no, csn, hospital number, hospital no, hospital id, hosp no, unit number, chart
        no, chart number, chart id, ecg no, ekg no, demographic no, demographic number, emr id, emr no,
        rx no, rx number, encounter no, encounter id, enc no, mrn no""",
    ),
    Label(
        Kind.MRN,
        Grip.WEAK,
        4,
        """chart, medical record, med rec, encounter, specimen, requisition, demographic, emr, rx,
        prescription, script, pid, ordonnance, incident, incident report, safety report, dossier,
        dossier medical, account, acc, compte, fin, har, echantillon, accession number, econsult,
        ereferral, patient identifier, requete""",
    ),
    Label(
        Kind.MRN,
        Grip.NUMBERED,
        3,
        """patient, pt, visit, visite, report, rapport, order, admission, study, exam, examen, image,
        imaging, referral, record, mri, ct, xray, x ray, ecg, ekg, lab, sample, collection, case,
        subject, participant, research, result, biopsy, hospital, ch, consult, consultation,
        appointment, appt, mr, client chart, bed board, tube, slide, path, pathology""",
    ),
    Label(
        Kind.LICENCE,
        Grip.SURE,
        4,
        """cpso, cno, rcdso, cmq, crpo, coto, ocswssw, oiiq, cpsbc, cpsa, cpsm, cpsns, cmpa, npi, ohip
        billing, billing number, billing no, provider number, provider no, provider id, prescriber id,
        prescriber no, prescriber number, oct no, registration number, registration no, reg no, licence
        number, license number, licence no, license no, lic no, certificate license number, permis d
        exercice, no de pratique, numero de pratique, no pratique, physio licence""",
    ),
    Label(
        Kind.LICENCE,
        Grip.WEAK,
        4,
        """ocp, opo, cpo, cco, opq, oeq, dea, billing, registration, licence, license, lic, permis,
        pratique, inscription, cfpc""",
    ),
    Label(
        Kind.LICENCE,
        Grip.NUMBERED,
        4,
        "physician, practitioner, college, member, membre, royal college, md, rn, np, group billing",
    ),
    Label(
        Kind.DEVICE_ID,
        Grip.SURE,
        3,
        """serial number, serial no, serial, ser no, s n, sn, no de serie, numero de serie, imei, meid,
        udi, device id, device identifier, asset tag, vin, vehicle identification, vehicle id, vehicle
        identifier, licence plate, license plate, plaque d immatriculation, immatricule, immatriculee,
        immatriculation, microchip, micro chip, mac address, adresse mac, biometric identifier, lot no,
        lot number, batch no, batch number, reg plate, numberplate, plate no, plate number""",
    ),
    Label(
        Kind.DEVICE_ID,
        Grip.WEAK,
        4,
        "serie, asset, lot, batch, plate, plates, plaque, chip, puce, unit, tag, appareil, model",
    ),
    Label(
        Kind.DEVICE_ID,
        Grip.NUMBERED,
        3,
        "device, equipment, implant, pump, pacemaker, stimulator, battery, generator, pompe, lead",
    ),
    Label(
        Kind.OTHER_ID,
        Grip.SURE,
        4,
        """wsib, wcb, worksafe, worksafebc, cspaat, cnesst, csst, saaq, icbc, wsib claim, wsib file, claim
        no, claim number, claim id, policy no, policy number, pol no, police d assurance, certificate
        no, certificate number, cert no, group no, member id, subscriber id, beneficiary id, insurance
        id, odsp, posph, osap, nihb, ssna, indian status, status card, status no, status number, band
        no, band number, treaty no, treaty number, carte de statut, uci, iuc, passport, passeport, pr
        card, driver s licence, drivers licence, driver s license, drivers license, driver licence,
        driver license, driving licence, dl no, dl number, permis de conduire, service number, service
        no, regimental number, k number, k no, vac no, vac file, badge no, badge number, employee id,
        student id, staff id, code permanent, police report, occurrence no, occurrence number, collision
        report, court file, file no, file number, case no, case number, docket no, ref no, reference no,
        reference number, tracking no, tracking number, waybill, locker no, bank account, transit no,
        iban, nir, securite sociale, cpf, aadhaar, abha, nino, national insurance, tax id, unique
        identifier, identifiant, id no, id number, id card, piece d identite, photo id, full face photo,
        api key, lockbox code, door code, access code, code d acces, meeting id, zoom id, business
        number, health plan member, ifhp""",
    ),
    Label(
        Kind.OTHER_ID,
        Grip.WEAK,
        4,
        """claim, claims, reclamation, policy, police, contrat, contract, certificate, certificat, cert,
        group, groupe, insurer, file, files, dossier cspaat, dossier cnesst, reference, ref,
        confirmation, ticket, tracking, suivi, id, badge, matricule, occurrence, docket, visa,
        mastercard, credit card, debit card, carte de credit, pan, pin, zoom, token, password, passcode,
        mot de passe, vac, dl, immigration, ifh, work permit, study permit, coverage, trillium, otis,
        fps, account id, ei claim, cppd, user id, userid, status, statut, insurance, assurance, plan,
        group policy, assureur, registry""",
    ),
    Label(
        Kind.OTHER_ID,
        Grip.NUMBERED,
        3,
        """client, veteran, employee, employe, student, etudiant, staff, inmate, membership, member plan,
        institution, transit, treaty, band, locker, assure, cas, commande, transaction, invoice,
        facture, booking, reservation, room key, adjuster, court, collision, service, enrolment,
        application, household, family, user""",
    ),
)
