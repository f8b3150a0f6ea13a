-- Children's services of Wexcombe Council (an invented council), in the tables of the Standard Safeguarding
-- Dataset. Everybody in it is invented: see ../README.md. Plain SQL, so that any engine can load it.
-- The last table, local_case_notes, is the council's own: the dataset has no place for narrative.

CREATE TABLE ssd_person (
    pers_legacy_id VARCHAR(255),
    pers_person_id VARCHAR(255) PRIMARY KEY,
    pers_upn VARCHAR(255),
    pers_forename VARCHAR(255),
    pers_surname VARCHAR(255),
    pers_sex VARCHAR(255),
    pers_gender VARCHAR(255),
    pers_ethnicity VARCHAR(255),
    pers_dob DATE,
    pers_single_unique_id VARCHAR(255),
    pers_upn_unknown VARCHAR(255),
    pers_send_flag VARCHAR(255),
    pers_expected_dob DATE,
    pers_death_date DATE,
    pers_is_mother VARCHAR(255),
    pers_nationality VARCHAR(255)
);

CREATE TABLE ssd_family (
    fami_table_id VARCHAR(255) PRIMARY KEY,
    fami_family_id VARCHAR(255),
    fami_person_id VARCHAR(255)
);

CREATE TABLE ssd_mother (
    moth_table_id VARCHAR(255) PRIMARY KEY,
    moth_person_id VARCHAR(255),
    moth_childs_person_id VARCHAR(255),
    moth_childs_dob DATE
);

CREATE TABLE ssd_address (
    addr_table_id VARCHAR(255) PRIMARY KEY,
    addr_person_id VARCHAR(255),
    addr_address_type VARCHAR(255),
    addr_address_start_date DATE,
    addr_address_end_date DATE,
    addr_address_postcode VARCHAR(255),
    addr_address_json TEXT
);

CREATE TABLE ssd_linked_identifiers (
    link_table_id VARCHAR(255) PRIMARY KEY,
    link_person_id VARCHAR(255),
    link_identifier_type VARCHAR(255),
    link_identifier_value VARCHAR(255),
    link_valid_from_date DATE,
    link_valid_to_date DATE
);

CREATE TABLE ssd_disability (
    disa_table_id VARCHAR(255) PRIMARY KEY,
    disa_person_id VARCHAR(255),
    disa_disability_code VARCHAR(255)
);

CREATE TABLE ssd_contacts (
    cont_contact_id VARCHAR(255) PRIMARY KEY,
    cont_person_id VARCHAR(255),
    cont_contact_date DATE,
    cont_contact_source_code VARCHAR(255),
    cont_contact_source_desc VARCHAR(255),
    cont_contact_outcome_json TEXT
);

CREATE TABLE ssd_early_help_episodes (
    earl_episode_id VARCHAR(255) PRIMARY KEY,
    earl_person_id VARCHAR(255),
    earl_episode_start_date DATE,
    earl_episode_end_date DATE,
    earl_episode_reason VARCHAR(255),
    earl_episode_end_reason VARCHAR(255),
    earl_episode_organisation VARCHAR(255),
    earl_episode_worker_id VARCHAR(255)
);

CREATE TABLE ssd_cin_episodes (
    cine_referral_id VARCHAR(255) PRIMARY KEY,
    cine_person_id VARCHAR(255),
    cine_referral_date DATE,
    cine_cin_primary_need_code VARCHAR(255),
    cine_referral_source_code VARCHAR(255),
    cine_referral_source_desc VARCHAR(255),
    cine_referral_outcome_json TEXT,
    cine_referral_nfa VARCHAR(255),
    cine_close_reason VARCHAR(255),
    cine_close_date DATE,
    cine_referral_team VARCHAR(255),
    cine_referral_worker_id VARCHAR(255)
);

CREATE TABLE ssd_cin_assessments (
    cina_assessment_id VARCHAR(255) PRIMARY KEY,
    cina_person_id VARCHAR(255),
    cina_referral_id VARCHAR(255),
    cina_assessment_start_date DATE,
    cina_assessment_child_seen VARCHAR(255),
    cina_assessment_auth_date DATE,
    cina_assessment_outcome_json TEXT,
    cina_assessment_outcome_nfa VARCHAR(255),
    cina_assessment_team VARCHAR(255),
    cina_assessment_worker_id VARCHAR(255)
);

CREATE TABLE ssd_assessment_factors (
    cinf_table_id VARCHAR(255) PRIMARY KEY,
    cinf_assessment_id VARCHAR(255),
    cinf_assessment_factors_json TEXT
);

CREATE TABLE ssd_cin_plans (
    cinp_cin_plan_id VARCHAR(255) PRIMARY KEY,
    cinp_referral_id VARCHAR(255),
    cinp_person_id VARCHAR(255),
    cinp_cin_plan_start_date DATE,
    cinp_cin_plan_end_date DATE,
    cinp_cin_plan_team VARCHAR(255),
    cinp_cin_plan_worker_id VARCHAR(255)
);

CREATE TABLE ssd_cin_visits (
    cinv_cin_visit_id VARCHAR(255) PRIMARY KEY,
    cinv_person_id VARCHAR(255),
    cinv_cin_visit_date DATE,
    cinv_cin_visit_seen VARCHAR(255),
    cinv_cin_visit_seen_alone VARCHAR(255),
    cinv_cin_visit_bedroom VARCHAR(255)
);

CREATE TABLE ssd_s47_enquiry (
    s47e_s47_enquiry_id VARCHAR(255) PRIMARY KEY,
    s47e_referral_id VARCHAR(255),
    s47e_person_id VARCHAR(255),
    s47e_s47_start_date DATE,
    s47e_s47_end_date DATE,
    s47e_s47_nfa VARCHAR(255),
    s47e_s47_outcome_json TEXT,
    s47e_s47_completed_by_team VARCHAR(255),
    s47e_s47_completed_by_worker_id VARCHAR(255)
);

CREATE TABLE ssd_initial_cp_conference (
    icpc_icpc_id VARCHAR(255) PRIMARY KEY,
    icpc_icpc_meeting_id VARCHAR(255),
    icpc_s47_enquiry_id VARCHAR(255),
    icpc_person_id VARCHAR(255),
    icpc_cp_plan_id VARCHAR(255),
    icpc_referral_id VARCHAR(255),
    icpc_icpc_transfer_in VARCHAR(255),
    icpc_icpc_target_date DATE,
    icpc_icpc_date DATE,
    icpc_icpc_outcome_cp_flag VARCHAR(255),
    icpc_icpc_outcome_json TEXT,
    icpc_icpc_team VARCHAR(255),
    icpc_icpc_worker_id VARCHAR(255)
);

CREATE TABLE ssd_cp_plans (
    cppl_cp_plan_id VARCHAR(255) PRIMARY KEY,
    cppl_referral_id VARCHAR(255),
    cppl_icpc_id VARCHAR(255),
    cppl_person_id VARCHAR(255),
    cppl_cp_plan_start_date DATE,
    cppl_cp_plan_end_date DATE,
    cppl_cp_plan_ola VARCHAR(255),
    cppl_cp_plan_initial_category VARCHAR(255),
    cppl_cp_plan_latest_category VARCHAR(255)
);

CREATE TABLE ssd_cp_visits (
    cppv_cp_visit_id VARCHAR(255) PRIMARY KEY,
    cppv_person_id VARCHAR(255),
    cppv_cp_plan_id VARCHAR(255),
    cppv_cp_visit_date DATE,
    cppv_cp_visit_seen VARCHAR(255),
    cppv_cp_visit_seen_alone VARCHAR(255),
    cppv_cp_visit_bedroom VARCHAR(255)
);

CREATE TABLE ssd_cp_reviews (
    cppr_cp_review_id VARCHAR(255) PRIMARY KEY,
    cppr_person_id VARCHAR(255),
    cppr_cp_plan_id VARCHAR(255),
    cppr_cp_review_due DATE,
    cppr_cp_review_date DATE,
    cppr_cp_review_meeting_id VARCHAR(255),
    cppr_cp_review_outcome_continue_cp VARCHAR(255),
    cppr_cp_review_quorate VARCHAR(255),
    cppr_cp_review_participation VARCHAR(255)
);

CREATE TABLE ssd_involvements (
    invo_involvements_id VARCHAR(255) PRIMARY KEY,
    invo_professional_id VARCHAR(255),
    invo_professional_role_id VARCHAR(255),
    invo_professional_team VARCHAR(255),
    invo_person_id VARCHAR(255),
    invo_involvement_start_date DATE,
    invo_involvement_end_date DATE,
    invo_worker_change_reason VARCHAR(255),
    invo_referral_id VARCHAR(255)
);

CREATE TABLE ssd_professionals (
    prof_professional_id VARCHAR(255) PRIMARY KEY,
    prof_staff_id VARCHAR(255),
    prof_professional_name VARCHAR(255),
    prof_social_worker_registration_no VARCHAR(255),
    prof_agency_worker_flag VARCHAR(255),
    prof_professional_job_title VARCHAR(255),
    prof_professional_caseload VARCHAR(255),
    prof_professional_department VARCHAR(255),
    prof_full_time_equivalency VARCHAR(255)
);

CREATE TABLE ssd_department (
    dept_team_id VARCHAR(255) PRIMARY KEY,
    dept_team_name VARCHAR(255),
    dept_team_parent_id VARCHAR(255),
    dept_team_parent_name VARCHAR(255)
);

CREATE TABLE ssd_legal_status (
    lega_legal_status_id VARCHAR(255) PRIMARY KEY,
    lega_person_id VARCHAR(255),
    lega_legal_status VARCHAR(255),
    lega_legal_status_start_date DATE,
    lega_legal_status_end_date DATE
);

CREATE TABLE ssd_missing (
    miss_table_id VARCHAR(255) PRIMARY KEY,
    miss_person_id VARCHAR(255),
    miss_missing_episode_start_date DATE,
    miss_missing_episode_type VARCHAR(255),
    miss_missing_episode_end_date DATE,
    miss_missing_rhi_offered VARCHAR(255),
    miss_missing_rhi_accepted VARCHAR(255)
);

CREATE TABLE ssd_voice_of_child (
    voch_table_id VARCHAR(255) PRIMARY KEY,
    voch_person_id VARCHAR(255),
    voch_explained_worries VARCHAR(255),
    voch_story_help_understand VARCHAR(255),
    voch_agree_worker VARCHAR(255),
    voch_plan_safe VARCHAR(255),
    voch_tablet_help_explain VARCHAR(255)
);

CREATE TABLE local_case_notes (
    note_id VARCHAR(20) PRIMARY KEY,
    person_id VARCHAR(20) NOT NULL REFERENCES ssd_person (pers_person_id),
    note_date DATE NOT NULL,
    kind VARCHAR(40) NOT NULL,
    author_id VARCHAR(20) REFERENCES ssd_professionals (prof_professional_id),
    note_text TEXT NOT NULL
);


INSERT INTO ssd_person (pers_person_id, pers_forename, pers_surname, pers_sex, pers_dob, pers_single_unique_id, pers_is_mother) VALUES
    ('204417', 'Leanne', 'Hartley', 'F', '1993-03-14', '9992044179', 'Y'),
    ('204418', 'Marcus', 'Hartley', 'M', '1990-07-09', '9992170263', NULL),
    ('204431', 'Jean', 'Hartley', 'F', '1951-09-30', '9992450711', NULL),
    ('204455', 'Kerry', 'Lomax', 'F', '1991-05-21', '9992583037', 'Y'),
    ('204456', 'Alfie', 'Hartley', 'M', '2016-04-12', '9992803312', NULL),
    ('207731', 'Tia', 'Doyle', 'F', '2019-10-03', '9992910429', NULL),
    ('207732', 'Shane', 'Doyle', 'M', '1988-01-25', NULL, NULL),
    ('207733', 'Chantelle', 'Rowe', 'F', '1992-08-17', NULL, 'Y'),
    ('209310', 'Adaeze', 'Okafor', 'F', '1987-12-02', '9993102237', 'Y'),
    ('209312', 'Nnamdi', 'Okafor', 'M', '1985-02-11', NULL, NULL);
INSERT INTO ssd_person (pers_person_id, pers_forename, pers_surname, pers_sex, pers_dob, pers_single_unique_id, pers_is_mother, pers_upn) VALUES
    ('204420', 'Isla', 'Hartley', 'F', '2022-02-08', '9992311584', NULL, 'Y937204417026'),
    ('209311', 'Chidi', 'Okafor', 'M', '2016-06-18', '9993001171', NULL, 'Y937209311004');

INSERT INTO ssd_family (fami_table_id, fami_family_id, fami_person_id) VALUES
    ('FAM-001', 'F-880', '204417'),
    ('FAM-002', 'F-880', '204418'),
    ('FAM-003', 'F-880', '204420'),
    ('FAM-004', 'F-880', '204431'),
    ('FAM-005', 'F-881', '204418'),
    ('FAM-006', 'F-881', '204455'),
    ('FAM-007', 'F-881', '204456'),
    ('FAM-008', 'F-902', '207731'),
    ('FAM-009', 'F-902', '207732'),
    ('FAM-010', 'F-902', '207733'),
    ('FAM-011', 'F-940', '209310'),
    ('FAM-012', 'F-940', '209311'),
    ('FAM-013', 'F-940', '209312');

INSERT INTO ssd_mother (moth_table_id, moth_person_id, moth_childs_person_id, moth_childs_dob) VALUES
    ('MOT-001', '204417', '204420', '2022-02-08'),
    ('MOT-002', '204455', '204456', '2016-04-12'),
    ('MOT-003', '207733', '207731', '2019-10-03'),
    ('MOT-004', '209310', '209311', '2016-06-18');

INSERT INTO ssd_address (addr_table_id, addr_person_id, addr_address_type, addr_address_start_date, addr_address_postcode, addr_address_json) VALUES
    ('ADR-01', '204417', 'Home', '2020-08-15', 'WX7 4QL', '{"line_1": "14 Tanner Row", "town": "Wexcombe"}'),
    ('ADR-02', '204418', 'Home', '2020-08-15', 'WX7 4QL', '{"line_1": "14 Tanner Row", "town": "Wexcombe"}'),
    ('ADR-03', '204420', 'Home', '2022-02-08', 'WX7 4QL', '{"line_1": "14 Tanner Row", "town": "Wexcombe"}'),
    ('ADR-04', '204431', 'Home', '2023-10-02', 'WX7 4QL', '{"line_1": "14 Tanner Row", "town": "Wexcombe"}'),
    ('ADR-05', '204455', 'Home', '2022-06-01', 'WX9 2DT', '{"line_1": "27 Quarry Rise", "town": "Harnsworth"}'),
    ('ADR-06', '204456', 'Home', '2022-06-01', 'WX9 2DT', '{"line_1": "27 Quarry Rise", "town": "Harnsworth"}'),
    ('ADR-07', '207731', 'Home', '2021-01-10', 'WX5 6RB', '{"line_1": "41 Cinder Lane", "town": "Wexcombe"}'),
    ('ADR-08', '209311', 'Home', '2018-09-01', 'WX2 8JD', '{"line_1": "8 Lantern Court", "town": "Wexcombe"}'),
    ('ADR-09', '209310', 'Home', '2018-09-01', 'WX2 8JD', '{"line_1": "8 Lantern Court", "town": "Wexcombe"}');

INSERT INTO ssd_linked_identifiers (link_table_id, link_person_id, link_identifier_type, link_identifier_value, link_valid_from_date) VALUES
    ('LNK-001', '204417', 'NHS Number', '9992044179', '2024-03-06'),
    ('LNK-002', '204418', 'NHS Number', '9992170263', '2024-03-06'),
    ('LNK-003', '204420', 'NHS Number', '9992311584', '2024-03-06'),
    ('LNK-004', '204431', 'NHS Number', '9992450711', '2024-03-06'),
    ('LNK-005', '209311', 'NHS Number', '9993001171', '2023-02-01'),
    ('LNK-006', '209310', 'NHS Number', '9993102237', '2023-02-01');
INSERT INTO ssd_linked_identifiers (link_table_id, link_person_id, link_identifier_type, link_identifier_value, link_valid_from_date, link_valid_to_date) VALUES
    ('LNK-020', '204417', 'Former Surname', 'Doyle', '1993-03-14', '2020-08-15');

INSERT INTO ssd_department (dept_team_id, dept_team_name, dept_team_parent_id, dept_team_parent_name) VALUES
    ('TM-1', 'Children''s front door', 'DP-1', 'Children and families'),
    ('TM-2', 'Assessment team east', 'DP-1', 'Children and families'),
    ('TM-3', 'Adult safeguarding team', 'DP-2', 'Adults and customers'),
    ('TM-4', 'Customer relations', 'DP-2', 'Adults and customers'),
    ('TM-5', 'Safeguarding and quality unit', 'DP-1', 'Children and families'),
    ('TM-6', 'Family support team west', 'DP-1', 'Children and families');

INSERT INTO ssd_professionals (prof_professional_id, prof_staff_id, prof_professional_name, prof_social_worker_registration_no, prof_agency_worker_flag, prof_professional_job_title, prof_professional_department) VALUES
    ('PR-11', 'WCS11', 'Daniel Fairweather', 'SWI-40021', 'N', 'Social worker', 'Assessment team east'),
    ('PR-12', 'WCS12', 'Yvonne Achebe', 'SWI-31178', 'N', 'Front door duty manager', 'Children''s front door'),
    ('PR-13', 'WCS13', 'Nadia Rahim', 'SWI-52260', 'N', 'Adult social worker', 'Adult safeguarding team'),
    ('PR-14', 'WCS14', 'Beverley Oduya', NULL, 'N', 'Complaints manager', 'Customer relations'),
    ('PR-15', 'WCS15', 'Graham Pike', NULL, 'N', 'Front door call handler', 'Children''s front door'),
    ('PR-16', 'WCS16', 'Philippa Grange', 'SWI-20933', 'N', 'Designated officer for allegations', 'Safeguarding and quality unit'),
    ('PR-17', 'WCS17', 'Luke Abernethy', 'SWI-47702', 'N', 'Social worker', 'Family support team west'),
    ('PR-18', 'WCS18', 'Rosalind Cheng', 'SWI-18845', 'N', 'Independent conference chair', 'Safeguarding and quality unit');

INSERT INTO ssd_contacts (cont_contact_id, cont_person_id, cont_contact_date, cont_contact_source_code, cont_contact_source_desc, cont_contact_outcome_json) VALUES
    ('CONT-3090', '204418', '2023-08-14', '6', 'Police', '{"summary": "Police notification after a loud argument between Marcus Hartley and Kerry Lomax when their son was handed over at the Longmoor services car park. Leanne and Isla were in the car. Nobody was hurt and no offence was recorded.", "decision": "No further action. Letter of advice to both parents of the older child.", "parents_informed": "Father told by telephone on 16 August 2023"}'),
    ('CONT-3091', '204420', '2023-08-14', '6', 'Police', '{"summary": "Isla was strapped in the back of the car during an argument between her father and the mother of her half-brother. She was asleep. Nobody was hurt.", "decision": "No further action.", "parents_informed": "Father told by telephone on 16 August 2023"}'),
    ('CONT-3101', '204417', '2024-03-06', '3F', 'Other health services', '{"summary": "Copy of a hospital alert received from the maternity safeguarding desk. It says there is a child protection concern about the unborn baby of Leanne Hartley. No detail was given when the desk was telephoned.", "decision": "Pass to assessment team east.", "parents_informed": "Not recorded", "alert_number": "AL-40112", "alert_received_on": "2024-03-06", "alert_status_here": "active"}'),
    ('CONT-3102', '204420', '2024-03-06', '3F', 'Other health services', '{"summary": "Copy of a hospital alert on Isla, linked to the alert on her mother.", "decision": "Pass to assessment team east with the contact on mother.", "parents_informed": "Not recorded", "alert_number": "AL-40113", "alert_received_on": "2024-03-06", "alert_status_here": "active"}'),
    ('CONT-3140', '204420', '2025-01-14', '3E', 'Emergency department', '{"summary": "Hospital rang because a label came up when Isla was brought with a cut chin after a fall from a kitchen stool. The doctor, Owen Castell, had no concern about the injury.", "decision": "No further action. Told the hospital that this council closed its assessment on 26 April 2024.", "parents_informed": "Not recorded", "alert_number": "AL-40113", "alert_status_here": "active"}'),
    ('CONT-3170', '204420', '2026-03-09', '1B', 'Acquaintance or neighbour', '{"summary": "A neighbour, Mrs Maureen Tully of 16 Tanner Row, telephoned from 01632 960144 and left an e-mail address, maureen.tully@example.com. She heard banging and raised voices through the party wall just before midnight on Saturday and saw blue lights. The caller asked whether the little girl was all right. She would rather the family did not know that she rang, because she hangs her washing over their shared fence and has to live beside them.", "decision": "The noise was Jean Hartley''s fall and the ambulance crew. Isla was asleep and was with her mother. Contact closed the same day.", "parents_informed": "Not told at the time: nothing to follow up"}'),
    ('CONT-3171', '204417', '2026-03-09', '1B', 'Acquaintance or neighbour', '{"summary": "A neighbour, Mrs Maureen Tully of 16 Tanner Row, telephoned from 01632 960144 and left an e-mail address, maureen.tully@example.com. She heard banging and raised voices through the party wall just before midnight on Saturday and saw blue lights. The caller asked whether the little girl was all right. She would rather the family did not know that she rang, because she hangs her washing over their shared fence and has to live beside them.", "decision": "Closed the same day. No concern about Leanne or about Isla.", "parents_informed": "Not told at the time: nothing to follow up"}'),
    ('CONT-4001', '209311', '2023-02-06', '2A', 'Schools', '{"summary": "Head teacher of Lantern Street Primary School reported a bruise on Chidi''s upper arm. He said that his father, Nnamdi Okafor, had gripped him.", "decision": "Strategy discussion the same day.", "parents_informed": "Mother told by the social worker at 16:30"}');

INSERT INTO ssd_cin_episodes (cine_referral_id, cine_person_id, cine_referral_date, cine_cin_primary_need_code, cine_referral_source_code, cine_referral_source_desc, cine_referral_outcome_json, cine_referral_nfa, cine_close_reason, cine_close_date, cine_referral_team, cine_referral_worker_id) VALUES
    ('REF-6101', '204417', '2024-03-07', 'N1', '3F', 'Other health services', '{"summary": "Opened in the name of the mother because the hospital alert named her and an unborn baby.", "outcome": "Assessed. No safeguarding concern. Closed, no further action."}', 'N', 'RC8', '2024-04-26', 'Assessment team east', 'PR-11'),
    ('REF-6102', '204420', '2024-03-07', 'N1', '3F', 'Other health services', '{"summary": "Opened after a hospital alert on Isla and her mother.", "outcome": "Assessed. No safeguarding concern. Closed, no further action."}', 'N', 'RC8', '2024-04-26', 'Assessment team east', 'PR-11'),
    ('REF-6301', '209311', '2023-02-06', 'N1', '2A', 'Schools', '{"summary": "Bruise on the upper arm, reported by school.", "outcome": "Section 47 enquiry, conference, plan; ended after the second review."}', 'N', 'RC7', '2024-02-12', 'Family support team west', 'PR-17'),
    ('REF-6402', '207731', '2024-03-04', 'N1', '2A', 'Schools', '{"summary": "Tia Doyle came to school hungry on several days.", "outcome": "Assessment under way."}', 'N', NULL, NULL, 'Assessment team east', 'PR-11');

INSERT INTO ssd_cin_assessments (cina_assessment_id, cina_person_id, cina_referral_id, cina_assessment_start_date, cina_assessment_child_seen, cina_assessment_auth_date, cina_assessment_outcome_json, cina_assessment_outcome_nfa, cina_assessment_team, cina_assessment_worker_id) VALUES
    ('ASM-5101', '204417', 'REF-6101', '2024-03-07', 'Y', '2024-04-26', '{"outcome": "No safeguarding concern, closed", "analysis": "Isla is a lively two-year-old who is well cared for. The home is warm, tidy and full of her things. Both parents answered every question. Leanne was open about feeling low after the birth in 2022 and about the help she took. Nothing in this assessment supports the hospital alert.", "message_to_hospital": "Outcome sent to the maternity safeguarding desk on 29 April 2024 with a request to remove the alert."}', 'Y', 'Assessment team east', 'PR-11'),
    ('ASM-5102', '204420', 'REF-6102', '2024-03-07', 'Y', '2024-04-26', '{"outcome": "No safeguarding concern, closed", "analysis": "Isla is a lively two-year-old who is well cared for. The home is warm, tidy and full of her things. Both parents answered every question. Leanne was open about feeling low after the birth in 2022 and about the help she took. Nothing in this assessment supports the hospital alert.", "child": "Isla showed the social worker her wooden farm and fed Nana Jean a plastic egg."}', 'Y', 'Assessment team east', 'PR-11'),
    ('ASM-5301', '209311', 'REF-6301', '2023-02-06', 'Y', '2023-03-30', '{"outcome": "Child protection plan", "analysis": "Chidi is loved. His father has used force when tired after night shifts. Both parents accept this and want help."}', 'N', 'Family support team west', 'PR-17');

INSERT INTO ssd_assessment_factors (cinf_table_id, cinf_assessment_id, cinf_assessment_factors_json) VALUES
    ('FAC-501', 'ASM-5101', '{"codes": ["21"], "words": ["No factors identified"]}'),
    ('FAC-502', 'ASM-5102', '{"codes": ["21"], "words": ["No factors identified"]}'),
    ('FAC-530', 'ASM-5301', '{"codes": ["18C"], "words": ["Physical abuse: child, by an adult in the household"]}');

INSERT INTO ssd_s47_enquiry (s47e_s47_enquiry_id, s47e_referral_id, s47e_person_id, s47e_s47_start_date, s47e_s47_end_date, s47e_s47_nfa, s47e_s47_outcome_json, s47e_s47_completed_by_team, s47e_s47_completed_by_worker_id) VALUES
    ('S47-5201', 'REF-6102', '204420', '2024-03-08', '2024-03-22', 'Y', '{"outcome": "Concerns not substantiated", "conference": "No child protection conference is needed", "parents_informed": "Told on 12 March 2024 that a health service had passed on a worry. Not told that there was an alert."}', 'Assessment team east', 'PR-11'),
    ('S47-5301', 'REF-6301', '209311', '2023-02-06', '2023-02-20', 'N', '{"outcome": "Concerns substantiated, child judged likely to suffer significant harm", "conference": "Initial conference on 27 February 2023", "parents_informed": "Told on 6 February 2023"}', 'Family support team west', 'PR-17');

INSERT INTO ssd_initial_cp_conference (icpc_icpc_id, icpc_icpc_meeting_id, icpc_s47_enquiry_id, icpc_person_id, icpc_cp_plan_id, icpc_referral_id, icpc_icpc_transfer_in, icpc_icpc_target_date, icpc_icpc_date, icpc_icpc_outcome_cp_flag, icpc_icpc_outcome_json, icpc_icpc_team, icpc_icpc_worker_id) VALUES
    ('ICP-5401', 'MTG-5401', 'S47-5301', '209311', 'CPP-5501', 'REF-6301', 'N', '2023-02-27', '2023-02-27', 'Y', '{"outcome": "Child protection plan", "category": "Physical abuse", "attended": "Both parents, Luke Abernethy, the head teacher and the school nurse", "chair": "Rosalind Cheng"}', 'Family support team west', 'PR-17');

INSERT INTO ssd_cp_plans (cppl_cp_plan_id, cppl_referral_id, cppl_icpc_id, cppl_person_id, cppl_cp_plan_start_date, cppl_cp_plan_end_date, cppl_cp_plan_ola, cppl_cp_plan_initial_category, cppl_cp_plan_latest_category) VALUES
    ('CPP-5501', 'REF-6301', 'ICP-5401', '209311', '2023-02-27', '2023-11-13', 'N', 'PHY', 'PHY');

INSERT INTO ssd_cp_visits (cppv_cp_visit_id, cppv_person_id, cppv_cp_plan_id, cppv_cp_visit_date, cppv_cp_visit_seen, cppv_cp_visit_seen_alone, cppv_cp_visit_bedroom) VALUES
    ('CPV-5601', '209311', 'CPP-5501', '2023-03-09', 'Y', 'Y', 'Y'),
    ('CPV-5602', '209311', 'CPP-5501', '2023-05-18', 'Y', 'Y', 'N'),
    ('CPV-5603', '209311', 'CPP-5501', '2023-09-07', 'Y', 'Y', 'N');

INSERT INTO ssd_cp_reviews (cppr_cp_review_id, cppr_person_id, cppr_cp_plan_id, cppr_cp_review_due, cppr_cp_review_date, cppr_cp_review_meeting_id, cppr_cp_review_outcome_continue_cp, cppr_cp_review_quorate, cppr_cp_review_participation) VALUES
    ('CPR-5701', '209311', 'CPP-5501', '2023-05-26', '2023-05-22', 'MTG-5701', 'Y', 'Y', 'PN1'),
    ('CPR-5702', '209311', 'CPP-5501', '2023-11-20', '2023-11-13', 'MTG-5702', 'N', 'Y', 'PN1');

INSERT INTO ssd_cin_plans (cinp_cin_plan_id, cinp_referral_id, cinp_person_id, cinp_cin_plan_start_date, cinp_cin_plan_end_date, cinp_cin_plan_team, cinp_cin_plan_worker_id) VALUES
    ('CIP-5801', 'REF-6301', '209311', '2023-11-13', '2024-02-12', 'Family support team west', 'PR-17');

INSERT INTO ssd_cin_visits (cinv_cin_visit_id, cinv_person_id, cinv_cin_visit_date, cinv_cin_visit_seen, cinv_cin_visit_seen_alone, cinv_cin_visit_bedroom) VALUES
    ('VIS-5901', '204420', '2024-03-12', 'Y', 'N', 'Y'),
    ('VIS-5902', '204420', '2024-04-18', 'Y', 'N', 'Y'),
    ('VIS-5930', '209311', '2024-01-15', 'Y', 'Y', 'N');

INSERT INTO ssd_involvements (invo_involvements_id, invo_professional_id, invo_professional_role_id, invo_professional_team, invo_person_id, invo_involvement_start_date, invo_involvement_end_date, invo_worker_change_reason, invo_referral_id) VALUES
    ('INV-001', 'PR-11', 'Allocated social worker', 'TM-2', '204417', '2024-03-07', '2024-04-26', 'Case closed', 'REF-6101'),
    ('INV-002', 'PR-11', 'Allocated social worker', 'TM-2', '204420', '2024-03-07', '2024-04-26', 'Case closed', 'REF-6102'),
    ('INV-003', 'PR-12', 'Duty manager', 'TM-1', '204420', '2024-03-06', '2024-03-07', 'Case closed', 'REF-6102'),
    ('INV-004', 'PR-12', 'Duty manager', 'TM-1', '204417', '2024-03-06', '2024-03-07', 'Case closed', 'REF-6101'),
    ('INV-005', 'PR-17', 'Allocated social worker', 'TM-6', '209311', '2023-02-06', '2024-02-12', 'Case closed', 'REF-6301'),
    ('INV-006', 'PR-13', 'Adult social worker', 'TM-3', '204431', '2025-11-05', '2026-04-21', 'Case closed', NULL);

INSERT INTO ssd_voice_of_child (voch_table_id, voch_person_id, voch_explained_worries, voch_story_help_understand, voch_agree_worker, voch_plan_safe, voch_tablet_help_explain) VALUES
    ('VOC-001', '209311', 'Yes', 'Yes', 'Mostly', 'Yes', 'No');

INSERT INTO local_case_notes (note_id, person_id, note_date, kind, author_id, note_text) VALUES
    ('CN-7001', '204418', '2023-08-14', 'police_notification', 'PR-12', 'Police notification read at the front door. Marcus Hartley met his former partner Kerry Lomax at the Longmoor services car park to collect their son Alfie. They argued loudly about holiday dates. Leanne stayed in the car with Isla, who was asleep. Sergeant Niall Bristow found no offence and nobody hurt. Kerry Lomax asked that her address, 27 Quarry Rise, is not given to anyone in the other household. Threshold not met. No further action.'),
    ('CN-7002', '204420', '2023-08-14', 'police_notification', 'PR-12', 'Police notification read at the front door. Marcus Hartley met his former partner Kerry Lomax at the Longmoor services car park to collect their son Alfie. They argued loudly about holiday dates. Leanne stayed in the car with Isla, who was asleep. Sergeant Niall Bristow found no offence and nobody hurt. Kerry Lomax asked that her address, 27 Quarry Rise, is not given to anyone in the other household. Threshold not met. No further action.'),
    ('CN-7003', '204417', '2023-08-14', 'police_notification', 'PR-12', 'Police notification read at the front door. Marcus Hartley met his former partner Kerry Lomax at the Longmoor services car park to collect their son Alfie. They argued loudly about holiday dates. Leanne stayed in the car with Isla, who was asleep. Sergeant Niall Bristow found no offence and nobody hurt. Kerry Lomax asked that her address, 27 Quarry Rise, is not given to anyone in the other household. Threshold not met. No further action.'),
    ('CN-7004', '204418', '2023-08-16', 'case_note', 'PR-15', 'Rang Marcus at work on 01632 960377 (Brackley Motors, service desk). Told him about the police notification and that we are taking no action. He was embarrassed. He said that Isla''s half-brother''s mum had changed the dates twice and that he should not have raised his voice. He asked us not to ring the garage again: use his mobile, 07700 900118.'),
    ('CN-7011', '204417', '2024-03-06', 'case_note', 'PR-12', 'Alert AL-40112 received from the maternity safeguarding desk. I rang Ruth Adeyemi, safeguarding nurse, who could not find the paper the alert was taken from and said that it was on the morning list. Nothing on our system about Leanne or Marcus except the police notification of August 2023. Because the alert says child protection and an unborn baby, I am passing it on. I have not recorded why the parents were not spoken to first.'),
    ('CN-7012', '204417', '2024-03-08', 'strategy_discussion', 'PR-11', 'Strategy discussion held by telephone, 10:00 to 10:40. Present: Daniel Fairweather for social care, Ruth Adeyemi for health, Sergeant Niall Bristow for the police. Health read out the alert and had no first-hand information. Police have nothing of concern about Leanne or Marcus. Agreed: single-agency section 47 enquiry by social care. Parents to be told that a health service has passed on a worry, not what it is, until the hospital finds its papers. See the minutes.'),
    ('CN-7051', '204420', '2024-03-08', 'strategy_discussion', 'PR-11', 'Strategy discussion held by telephone, 10:00 to 10:40. Present: Daniel Fairweather for social care, Ruth Adeyemi for health, Sergeant Niall Bristow for the police. Health read out the alert and had no first-hand information. Police have nothing of concern about Leanne or Marcus. Agreed: single-agency section 47 enquiry by social care. Parents to be told that a health service has passed on a worry, not what it is, until the hospital finds its papers. See the minutes.'),
    ('CN-7041', '204418', '2024-03-08', 'strategy_discussion', 'PR-11', 'Strategy discussion held by telephone, 10:00 to 10:40. Present: Daniel Fairweather for social care, Ruth Adeyemi for health, Sergeant Niall Bristow for the police. Health read out the alert and had no first-hand information. Police have nothing of concern about Leanne or Marcus. Agreed: single-agency section 47 enquiry by social care. Parents to be told that a health service has passed on a worry, not what it is, until the hospital finds its papers. See the minutes.'),
    ('CN-7013', '204417', '2024-03-12', 'visit', 'PR-11', 'Home visit to 14 Tanner Row, announced the day before. Leanne was eight weeks pregnant, tired and polite. She asked three times what the worry was. I said that a health service had passed it on and that I could not say more today. She said: I feel I am on trial and nobody will read me the charge. I wrote this down because it is fair. Isla played with her farm. Kettle, heating and cot all in order. Jean, who lives with them, was resting upstairs. Leanne gave Isla lunch while we talked and was gentle and funny with her.'),
    ('CN-7052', '204420', '2024-03-12', 'visit', 'PR-11', 'Isla seen at home with her mother. She brought me each animal of her wooden farm and told me its noise. Bedroom seen: clean, warm, a bed guard and a night light. Height and weight book up to date, signed by health visitor Siobhan Kerrigan. She ran to her mother when she bumped her knee and was comforted at once.'),
    ('CN-7042', '204418', '2024-03-13', 'case_note', 'PR-11', 'Marcus rang in his break. He was angry that nobody would tell his wife what the worry was. He asked whether this was about the argument at the services. I said that it was not. He can be seen on Thursdays after five. He also asked whether his wife''s illness after the birth counts against her. I did not discuss her sertraline or her doctors with him.'),
    ('CN-7014', '204417', '2024-03-15', 'case_note', 'PR-11', 'Telephone call with Dr Farrukh Siddiqui, GP, Brook Street Surgery. He has known Leanne since 2012. He has the hospital alert on his screen but does not know what it is about. He described her treatment for low mood in 2022, which she finished, and no worry about her care of Isla. He asked who will take the alert off if it proves to be wrong.'),
    ('CN-7053', '204420', '2024-03-19', 'case_note', 'PR-11', 'Telephone call with Little Otters nursery. Isla comes on three mornings, always clean and with a packed lunch. She is chatty. Staff had been told by nobody about any alert. Her friend there is Poppy Prosser.'),
    ('CN-7015', '204417', '2024-03-22', 'section_47', 'PR-11', 'Section 47 enquiry finished. Concerns not substantiated. Everyone who knows Isla describes a well loved child. The hospital has still not found the paper on which its alert was based. No child protection conference. The assessment will be finished and closed unless something new is found. Manager''s agreement: Yvonne Achebe.'),
    ('CN-7054', '204420', '2024-03-22', 'section_47', 'PR-11', 'Section 47 enquiry finished. Concerns not substantiated. Everyone who knows Isla describes a well loved child. The hospital has still not found the paper on which its alert was based. No child protection conference. The assessment will be finished and closed unless something new is found. Manager''s agreement: Yvonne Achebe.'),
    ('CN-7016', '204417', '2024-04-05', 'case_note', 'PR-11', 'Grace Okonjo, community midwife, rang with Leanne''s permission. Leanne lost the pregnancy on 30 March. She asks that I do not visit before the middle of April. Agreed at once. Grace said that on the ward the alert was on the screen above the bed list and that Leanne saw people look at it.'),
    ('CN-7043', '204418', '2024-04-22', 'case_note', 'PR-11', 'Marcus seen on his own. He is grieving and not sleeping. He has asked his doctor for help and has a first appointment at Willow Court talking therapies on 16 May. He has not told Leanne yet because he wants to be steady for her. He was open about the quarrel in August and about paying for Alfie. A thoughtful man and a warm father.'),
    ('CN-7022', '204417', '2024-04-23', 'case_note', 'PR-11', 'Arranged the last visit for 26 April with Leanne. Marcus will be there if the garage lets him go: I left word for him at Brackley Motors on 01632 960377. He has a first appointment at Willow Court talking therapies on 16 May and has not told Leanne yet. Leanne asked me to bring the assessment so that she can read it before I go.'),
    ('CN-7017', '204417', '2024-04-26', 'case_note', 'PR-11', 'Closing summary. Assessment finished within 45 working days. No safeguarding concern, no factors identified (code 21). Closed, no further action (RC8). Letter to parents 29 April. Outcome sent to the maternity safeguarding desk the same day with a request to take the alert off. No answer has been received to that request.'),
    ('CN-7055', '204420', '2024-04-26', 'case_note', 'PR-11', 'Closing summary. Assessment finished within 45 working days. No safeguarding concern, no factors identified (code 21). Closed, no further action (RC8). Letter to parents 29 April. Outcome sent to the maternity safeguarding desk the same day with a request to take the alert off. No answer has been received to that request.'),
    ('CN-7018', '204417', '2025-01-15', 'case_note', 'PR-12', 'The emergency department rang yesterday because a label came up on Isla and her mother. I told them that we closed in April 2024 with no concern. The label now reads safeguarding issue. Nobody at the hospital could tell me what the issue is. I asked for it to be removed and was given the safeguarding adviser''s voicemail.'),
    ('CN-7019', '204417', '2025-02-06', 'case_note', 'PR-15', 'Leanne telephoned. She had noticed that the nurse''s manner changed after looking at the screen and asked us what it says. I explained that we cannot see the hospital''s screen. She asked whether we have an alert too. I said that I would ask. No call back is recorded.'),
    ('CN-7020', '204417', '2025-05-09', 'correspondence', 'PR-12', 'Copy of the hospital''s apology letter of 6 May received from the family. It says that the alert was raised in error and was meant for another patient, Leanne Hartly. Our contact CONT-3101 and our copy of the alert were not changed. Task to amend them set for the records team. Task still open.'),
    ('CN-7021', '204417', '2026-03-10', 'case_note', 'PR-15', 'Followed up the call of 9 March from next door. Rang Leanne. She explained that Jean fell on the stairs at about half past eleven, that Marcus shouted for the phone and that the ambulance came. Isla slept through it. Ambulance times checked with the hospital and they agree. Mrs Tully, the lady at number 16, thanked for her call and told that all is well. Closed.'),
    ('CN-7056', '204420', '2026-03-10', 'case_note', 'PR-15', 'Followed up the call of 9 March from next door. Isla slept through her grandmother''s fall. M Tully rung back: mrs tully is glad that all is well. No concern. Closed.'),
    ('CN-7045', '204418', '2026-03-10', 'case_note', 'PR-15', 'Followed up the call of 9 March from next door. Raised voices were Marcus calling for the telephone after his mother''s fall. No concern. Closed.'),
    ('CN-7030', '204431', '2025-11-05', 'section_42', 'PR-13', 'Concern received from Dorothy Finch, who sits with Jean at the Thursday lunch club. Jean told her that her nephew Gary Hartley keeps her bank card to do the shopping and that money is missing. Jean has Parkinson''s disease and cannot get to the bank by herself. About 4,300 pounds may have gone. Criteria of section 42 are met.'),
    ('CN-7031', '204417', '2025-11-20', 'section_42', 'PR-13', 'Section 42 enquiry about Jean Hartley. Leanne spoken to as Jean''s carer; she is not a person causing concern. She helps Jean wash, manages her tablets and cooks. She had noticed that Jean worried about letters from the bank. She had asked Jean''s nephew, Gary Hartley, for the card and he put her off. Jean''s Parkinson''s disease makes her hands unsteady, so others carry her purse. Leanne was offered a carer''s assessment and said yes.'),
    ('CN-7044', '204418', '2025-11-21', 'section_42', 'PR-13', 'Section 42 enquiry about Jean Hartley. Marcus spoken to as her son. He did not know that his cousin Gary Hartley had her card. He was upset and wants his mother to decide. About 4,300 pounds may have gone. He will take her to the bank when she is ready.'),
    ('CN-7032', '204431', '2026-01-15', 'section_42', 'PR-13', 'Outcome of the section 42 enquiry: financial abuse by Gary Hartley substantiated. Jean does not want the police. She wants her card back and a new number, and to go on seeing her nephew on Sundays with somebody else in the room.'),
    ('CN-7033', '204417', '2026-01-20', 'safeguarding_plan', 'PR-13', 'Safeguarding plan agreed with Jean Hartley. Empowerment: Jean decides who holds her card. Prevention: the bank sends a text for each payment. Proportionality: no one is banned from the house. Protection: the old card is stopped and 4,300 pounds is claimed back. Partnership: the bank, the lunch club, Marcus and Leanne work together. Accountability: Nadia Rahim reviews on 21 April. Leanne is Jean''s carer: she keeps the tablet chart and may ring Nadia at any time.'),
    ('CN-7034', '204431', '2026-01-20', 'safeguarding_plan', 'PR-13', 'Safeguarding plan agreed with Jean Hartley. Empowerment: Jean decides who holds her card. Prevention: the bank sends a text for each payment. Proportionality: no one is banned from the house. Protection: the old card is stopped and 4,300 pounds is claimed back. Partnership: the bank, the lunch club, Marcus and Leanne work together. Accountability: Nadia Rahim reviews on 21 April. Leanne is Jean''s carer: she keeps the tablet chart and may ring Nadia at any time.'),
    ('CN-7035', '204417', '2026-04-21', 'review', 'PR-13', 'Review of the safeguarding plan for Jean Hartley. The plan works. Leanne, as carer, says that the tablet chart is easier than before. Her carer''s assessment was done in February: a sitter for Jean on Friday mornings. Plan closed by agreement.'),
    ('CN-7101', '209311', '2023-02-06', 'strategy_discussion', 'PR-17', 'Strategy discussion at 13:30 with Sergeant Niall Bristow (police), Judith Penrose (school nurse), the head teacher of Lantern Street Primary School and Luke Abernethy. Joint section 47 enquiry. Medical the same afternoon with mother present.'),
    ('CN-7102', '209311', '2023-06-14', 'designated_officer', 'PR-16', 'Allegation against a member of staff at Lantern Street Primary School, Terence Vale, that he pulled Chidi from a bench by the arm. Considered by Philippa Grange, designated officer. Two adults and a camera show that he caught Chidi as the bench tipped. Outcome: unfounded. Adaeze Okafor told on 28 June.'),
    ('CN-7103', '209311', '2023-11-13', 'review', 'PR-18', 'Second review conference. Nnamdi Okafor has finished the parenting course and changed his shifts. Chidi says that home is calm. Everyone agreed to end the plan and go on with help as a child in need for three months.'),
    ('CN-7104', '209311', '2024-02-12', 'case_note', 'PR-17', 'Last visit. Chidi gave me a drawing of the family at the sea. Case closed. Thanked both parents for the work they did.');
