-- The alert system of Marlbrook Hospitals NHS Foundation Trust (an invented trust).
-- Everybody in it is invented: see ../README.md. Plain SQL, so that any engine can load it.

CREATE TABLE staff (
    staff_id VARCHAR(12) PRIMARY KEY,
    name VARCHAR(80) NOT NULL,
    job_title VARCHAR(120) NOT NULL,
    department VARCHAR(120) NOT NULL
);

CREATE TABLE patient (
    patient_id VARCHAR(12) PRIMARY KEY,
    nhs_number CHAR(10) NOT NULL UNIQUE,
    forename VARCHAR(60) NOT NULL,
    surname VARCHAR(60) NOT NULL,
    former_surname VARCHAR(60),
    born_on DATE NOT NULL,
    address VARCHAR(200),
    phone VARCHAR(20),
    email VARCHAR(120),
    updated_on DATE NOT NULL
);

CREATE TABLE alert (
    alert_id VARCHAR(12) PRIMARY KEY,
    patient_id VARCHAR(12) NOT NULL REFERENCES patient (patient_id),
    category VARCHAR(60) NOT NULL,
    raised_on DATE NOT NULL,
    raised_by_staff_id VARCHAR(12) NOT NULL REFERENCES staff (staff_id),
    reason_text VARCHAR(2000) NOT NULL,
    status VARCHAR(20) NOT NULL CHECK (status IN ('active', 'inactive', 'entered-in-error')),
    closed_on DATE,
    parents_told VARCHAR(3) CHECK (parents_told IN ('yes', 'no')),
    reason_not_told VARCHAR(500)
);

CREATE TABLE alert_event (
    event_id VARCHAR(12) PRIMARY KEY,
    alert_id VARCHAR(12) NOT NULL REFERENCES alert (alert_id),
    happened_at TIMESTAMP NOT NULL,
    what VARCHAR(20) NOT NULL,
    old_category VARCHAR(60),
    new_category VARCHAR(60),
    staff_id VARCHAR(12) REFERENCES staff (staff_id),
    note VARCHAR(2000)
);

CREATE TABLE alert_recipient (
    recipient_id VARCHAR(12) PRIMARY KEY,
    alert_id VARCHAR(12) NOT NULL REFERENCES alert (alert_id),
    organisation VARCHAR(160) NOT NULL,
    role VARCHAR(120) NOT NULL,
    sent_on DATE NOT NULL,
    how VARCHAR(80) NOT NULL
);

CREATE TABLE access_log (
    entry_id VARCHAR(12) PRIMARY KEY,
    patient_id VARCHAR(12) NOT NULL REFERENCES patient (patient_id),
    staff_id VARCHAR(12) NOT NULL REFERENCES staff (staff_id),
    opened_at TIMESTAMP NOT NULL,
    what VARCHAR(200) NOT NULL,
    reason VARCHAR(500)
);

INSERT INTO staff (staff_id, name, job_title, department) VALUES
    ('ST-101', 'Grace Okonjo', 'Community midwife', 'Community midwifery, Wexcombe east'),
    ('ST-102', 'Ruth Adeyemi', 'Safeguarding nurse', 'Maternity safeguarding desk'),
    ('ST-103', 'Colette Marsh', 'Safeguarding adviser', 'Trust safeguarding team'),
    ('ST-104', 'Dr Owen Castell', 'Emergency medicine registrar', 'Emergency department'),
    ('ST-105', 'Judith Penrose', 'School nurse', 'School nursing service'),
    ('ST-106', 'Siobhan Kerrigan', 'Health visitor', 'Health visiting, Tanner ward'),
    ('ST-107', 'Imran Baig', 'Health records manager', 'Health records'),
    ('ST-108', 'Dr Amara Nwosu', 'Consultant perinatal psychiatrist', 'Perinatal mental health team'),
    ('ST-109', 'Helen Ashcroft', 'Chief nurse', 'Trust headquarters'),
    ('ST-110', 'Sandra Lomas', 'Reception co-ordinator', 'Emergency department');

INSERT INTO patient (patient_id, nhs_number, forename, surname, former_surname, born_on, address, phone, email, updated_on) VALUES
    ('PT-5001', '9992044179', 'Leanne', 'Hartley', 'Doyle', '1993-03-14', '14 Tanner Row, Wexcombe, WX7 4QL', '07700 900102', 'leanne.hartley@example.com', '2024-02-27'),
    ('PT-5002', '9992311584', 'Isla', 'Hartley', NULL, '2022-02-08', '14 Tanner Row, Wexcombe, WX7 4QL', '07700 900102', NULL, '2025-01-14'),
    ('PT-5003', '9992170263', 'Marcus', 'Hartley', NULL, '1990-07-09', '14 Tanner Row, Wexcombe, WX7 4QL', '07700 900118', 'marcus.hartley@example.com', '2021-11-30'),
    ('PT-5004', '9992450711', 'Jean', 'Hartley', NULL, '1951-09-30', '14 Tanner Row, Wexcombe, WX7 4QL', '01632 960120', NULL, '2025-10-29'),
    ('PT-5005', '9992044330', 'Leanne', 'Hartly', NULL, '1993-11-02', 'Flat 2, 5 Cooper Yard, Wexcombe, WX3 1NP', '07700 900427', 'l.hartly@example.net', '2024-07-01'),
    ('PT-5006', '9992715200', 'Mason', 'Hartly', NULL, '2024-06-21', 'Flat 2, 5 Cooper Yard, Wexcombe, WX3 1NP', '07700 900427', NULL, '2024-06-21');

-- The alerts on Leanne Hartley and on Isla were meant for another patient.
INSERT INTO alert (alert_id, patient_id, category, raised_on, raised_by_staff_id, reason_text, status, closed_on, parents_told, reason_not_told) VALUES
    ('AL-40012', 'PT-5001', 'needle phobia', '2021-07-19', 'ST-101',
     'Asked for the numbing cream and a lying-down chair when blood is taken. Added at her own request at booking.',
     'inactive', '2022-05-11', 'yes', NULL),
    ('AL-40112', 'PT-5001', 'safeguarding issue', '2024-03-05', 'ST-102',
     'Booked by community midwife Grace Okonjo. Child protection concern about the unborn baby and the older child in the home. Information received from another agency. A previous child lives with relatives in Harnsworth and the partner, Ryan Speight, is in custody. Do not discuss with the family before speaking to the safeguarding desk.',
     'active', NULL, 'no', NULL),
    ('AL-40113', 'PT-5002', 'safeguarding issue', '2024-03-05', 'ST-102',
     'Linked to the alert on mother AL-40112. Child protection concern in the household. Tell the safeguarding desk about every attendance.',
     'active', NULL, 'no', NULL),
    ('AL-40131', 'PT-5005', 'child protection', '2024-03-19', 'ST-102',
     'Child protection concern about the unborn baby. A previous child lives with relatives in Harnsworth and the partner, Ryan Speight, is in custody. Referral made to Wexcombe Council the same day.',
     'active', NULL, 'yes', NULL),
    ('AL-40178', 'PT-5006', 'child protection plan', '2024-06-21', 'ST-102',
     'Subject to a child protection plan from birth. See the alert on mother AL-40131.',
     'active', NULL, 'yes', NULL);

INSERT INTO alert_event (event_id, alert_id, happened_at, what, old_category, new_category, staff_id, note) VALUES
    ('EV-001', 'AL-40012', '2021-07-19 10:20:00', 'raised', NULL, 'needle phobia', 'ST-101', 'Raised with her, on the booking form.'),
    ('EV-002', 'AL-40012', '2022-05-11 14:05:00', 'closed', 'needle phobia', NULL, 'ST-106', 'No longer needed, at her own request.'),
    ('EV-101', 'AL-40112', '2024-03-05 11:42:00', 'raised', NULL, 'child protection', 'ST-102', 'Taken from the morning list by surname and year of birth. NHS number not compared.'),
    ('EV-102', 'AL-40112', '2024-03-05 12:10:00', 'copied', NULL, NULL, 'ST-102', 'Shown on the emergency department screen. Message sent to the GP.'),
    ('EV-103', 'AL-40112', '2024-03-06 09:15:00', 'copied', NULL, NULL, 'ST-102', 'Sent to the council front door by secure e-mail.'),
    ('EV-104', 'AL-40112', '2024-09-18 16:31:00', 'relabelled', 'child protection', 'safeguarding issue', 'ST-103', 'Council has closed. Old records under the name Doyle read to see whether a label is still justified. Category changed to safeguarding issue so that staff stay alert.'),
    ('EV-105', 'AL-40112', '2025-02-10 15:00:00', 'reviewed', 'safeguarding issue', 'safeguarding issue', 'ST-103', 'Letter from the patient received. Label to remain. No reason recorded.'),
    ('EV-106', 'AL-40112', '2025-04-22 10:05:00', 'reviewed', 'safeguarding issue', 'safeguarding issue', 'ST-107', 'Records check: this alert belongs to Leanne Hartly, born 2 November 1993, NHS number 999 204 4330. It was put on the wrong patient. Safeguarding desk asked to remove it. Not removed.'),
    ('EV-201', 'AL-40113', '2024-03-05 11:50:00', 'raised', NULL, 'child protection', 'ST-102', 'Raised because the child is linked to mother''s record.'),
    ('EV-202', 'AL-40113', '2024-03-06 09:20:00', 'copied', NULL, NULL, 'ST-102', 'Sent to the council front door and to the school nursing service.'),
    ('EV-203', 'AL-40113', '2024-09-18 16:35:00', 'relabelled', 'child protection', 'safeguarding issue', 'ST-103', 'Changed together with the alert on mother.'),
    ('EV-204', 'AL-40113', '2025-01-14 18:22:00', 'reviewed', 'safeguarding issue', 'safeguarding issue', 'ST-104', 'Seen on screen when the child came with a cut chin. Injury fits the account given. No concern from this attendance.'),
    ('EV-301', 'AL-40131', '2024-03-19 09:02:00', 'raised', NULL, 'child protection', 'ST-102', 'Midwife asked why no alert was shown for this patient.'),
    ('EV-302', 'AL-40178', '2024-06-21 13:30:00', 'raised', NULL, 'child protection plan', 'ST-102', 'Raised on the day of birth.');

INSERT INTO alert_recipient (recipient_id, alert_id, organisation, role, sent_on, how) VALUES
    ('RC-101', 'AL-40112', 'Marlbrook General Hospital, emergency department', 'Reception and nursing staff', '2024-03-05', 'shown on screen'),
    ('RC-102', 'AL-40112', 'Brook Street Surgery', 'GP, Dr Farrukh Siddiqui', '2024-03-05', 'electronic message'),
    ('RC-103', 'AL-40112', 'Wexcombe Council, children''s front door', 'Duty manager, Yvonne Achebe', '2024-03-06', 'secure e-mail'),
    ('RC-201', 'AL-40113', 'Marlbrook General Hospital, emergency department', 'Reception and nursing staff', '2024-03-05', 'shown on screen'),
    ('RC-202', 'AL-40113', 'Brook Street Surgery', 'GP, Dr Farrukh Siddiqui', '2024-03-05', 'electronic message'),
    ('RC-203', 'AL-40113', 'Wexcombe Council, children''s front door', 'Duty manager, Yvonne Achebe', '2024-03-06', 'secure e-mail'),
    ('RC-204', 'AL-40113', 'School nursing service', 'School nurse, Judith Penrose', '2024-03-06', 'electronic message'),
    ('RC-301', 'AL-40131', 'Wexcombe Council, children''s front door', 'Duty manager, Yvonne Achebe', '2024-03-19', 'secure e-mail');

INSERT INTO access_log (entry_id, patient_id, staff_id, opened_at, what, reason) VALUES
    ('LOG-9001', 'PT-5001', 'ST-102', '2024-03-05 11:40:00', 'Demographics page', 'Morning list'),
    ('LOG-9002', 'PT-5001', 'ST-101', '2024-03-30 09:12:00', 'Maternity record', 'Call from the early pregnancy unit'),
    ('LOG-9003', 'PT-5001', 'ST-103', '2024-09-17 17:48:00', 'Old paper record under the name Doyle: emergency department 2008', NULL),
    ('LOG-9004', 'PT-5001', 'ST-103', '2024-09-17 17:55:00', 'Old paper record under the name Doyle: school health card 2004 to 2009', NULL),
    ('LOG-9005', 'PT-5001', 'ST-103', '2024-09-18 16:02:00', 'Perinatal mental health letters 2022', 'Label check'),
    ('LOG-9006', 'PT-5001', 'ST-103', '2024-09-18 16:20:00', 'Old paper record under the name Doyle: emergency department 2008', 'Label check'),
    ('LOG-9007', 'PT-5001', 'ST-110', '2025-01-14 17:58:00', 'Alert page', 'Child booked in with a cut chin'),
    ('LOG-9008', 'PT-5001', 'ST-107', '2025-04-22 09:40:00', 'Demographics page and alert page', 'Records check after a letter from the patient: compared with L Hartly'),
    ('LOG-9021', 'PT-5002', 'ST-102', '2024-03-05 11:49:00', 'Demographics page', 'Linked to mother'),
    ('LOG-9022', 'PT-5002', 'ST-104', '2025-01-14 18:04:00', 'Alert page', 'Attendance with a cut chin'),
    ('LOG-9023', 'PT-5002', 'ST-105', '2026-09-07 11:30:00', 'Alert page', 'New starter list for Reception'),
    ('LOG-9031', 'PT-5003', 'ST-102', '2024-03-05 11:53:00', 'Demographics page', 'Father of linked child'),
    ('LOG-9032', 'PT-5003', 'ST-103', '2024-09-18 16:40:00', 'Referral letter to Willow Court talking therapies', NULL),
    ('LOG-9041', 'PT-5004', 'ST-104', '2026-03-07 23:40:00', 'Emergency summary', 'Attendance after a fall at home'),
    ('LOG-9051', 'PT-5005', 'ST-102', '2024-03-19 09:00:00', 'Demographics page', 'Alert missing');
