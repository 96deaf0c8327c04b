import type { ObfuscationKind, RowKind } from "./obfuscateSql";

/**
 * The columns that hold personal data, and what each becomes: `table column:kind …`. Of Odoo 19 with its own modules, and of
 * modules that only Odoo's customers have (helpdesk, payroll, documents …). What a database does not have is left out.
 *
 * What is not in it stays as it is: products, prices, orders, stock, accounting, and texts about them; countries and states,
 * which taxes follow from; links between records. Passwords, tokens and keys are the matter of `secrets.ts`.
 */
export const personalData = `
  res_partner name:partnerName complete_name:completeName commercial_company_name:company company_name:company
    email:emails email_normalized:email phone:phone mobile:phone phone_sanitized:phone street:street street2:text
    street_name:street street_number:zip street_number2:text city:city zip:zip vat:identifier company_registry:identifier
    website:url function:text comment:html properties:properties barcode:identifier
    partner_latitude:empty partner_longitude:empty date_localization:empty peppol_endpoint:identifier
    global_location_number:identifier additional_info:empty l10n_latam_identification:identifier website_description:html
    website_short_description:text picking_warn_msg:text sale_warn_msg:text purchase_warn_msg:text invoice_warn_msg:text
    lead_properties:properties nemhandel_identifier_value:identifier
  res_partner_iap iap_enrich_info:text iap_search_domain:text
  res_partner_bank acc_number:iban sanitized_acc_number:iban acc_holder_name:name note:text clearing_number:identifier
    proxy_value:identifier
  res_users login:login signature:html out_of_office_message:html
  res_users_settings livechat_username:name google_calendar_cal_id:empty
  res_company email:email phone:phone mobile:phone company_details:html report_footer:html report_header:html
  res_bank email:email phone:phone
  resource_resource name:name
  mail_alias_domain name:domain
  mail_alias alias_full_name:domain

  hr_employee name:name legal_name:name private_phone:phone private_email:emails work_phone:phone mobile_phone:phone
    work_email:emails place_of_birth:city permit_no:identifier visa_no:identifier certificate:empty study_field:text
    study_school:text emergency_contact:name emergency_phone:phone barcode:identifier private_car_plate:identifier
    birthday:date visa_expire:date work_permit_expiration_date:date employee_properties:properties
    mobility_card:identifier today_location_name:text additional_note:text notes:text children:empty
    identification_id:identifier ssnid:identifier passport_id:identifier spouse_complete_name:name
    spouse_birthdate:date salary_distribution:empty sex:empty gender:empty
  hr_version name:subject identification_id:identifier ssnid:identifier passport_id:identifier sex:empty
    private_street:street private_street2:text private_city:city private_zip:zip children:empty
    spouse_complete_name:name spouse_birthdate:date passport_expiration_date:date wage:amount hourly_wage:amount
    departure_description:html additional_note:text distance_home_work:empty km_home_work:empty final_yearly_costs:amount
    monthly_yearly_costs:amount wage_with_holidays:amount wage_on_signature:amount
  hr_contract name:subject wage:amount hourly_wage:amount notes:html
  hr_payslip note:html
  hr_applicant partner_name:name email_from:emails email_normalized:email email_cc:emails partner_phone:phone
    partner_phone_sanitized:phone phone_sanitized:phone linkedin_profile:url applicant_notes:html description:html
    applicant_properties:properties salary_expected:amount salary_proposed:amount salary_expected_extra:text
    salary_proposed_extra:text
  hr_candidate partner_name:name email_from:emails email_normalized:email email_cc:emails partner_phone:phone
    partner_phone_sanitized:phone phone_sanitized:phone linkedin_profile:url
  hr_resume_line name:subject description:html external_url:url certificate_filename:subject
    resume_line_properties:properties
  hr_leave private_name:subject notes:text
  hr_leave_allocation name:subject private_name:subject notes:html
  hr_attendance in_ip_address:ip out_ip_address:ip in_latitude:empty in_longitude:empty out_latitude:empty
    out_longitude:empty in_location:city out_location:city in_browser:text out_browser:text
  hr_expense description:text
  hr_job_platform email:emails
  hr_appraisal note:html employee_feedback:html manager_feedback:html
  gamification_badge_user comment:text
  fleet_vehicle license_plate:identifier vin_sn:identifier name:subject description:html driver_name:name
    mobility_card:identifier vehicle_properties:properties
  fleet_vehicle_odometer name:subject
  fleet_vehicle_log_contract name:subject notes:html
  lunch_location address:street
  lunch_order note:text
  lunch_cashmove description:text

  crm_lead name:subject contact_name:name partner_name:company email_from:emails email_normalized:email email_cc:emails
    email_domain_criterion:domain phone:phone mobile:phone phone_sanitized:phone street:street street2:text city:city
    zip:zip website:url function:text description:html referred:text lead_properties:properties
    partner_latitude:empty partner_longitude:empty reveal_ip:ip iap_enrich_info:text
  crm_reveal_view reveal_ip:ip
  helpdesk_ticket name:subject description:html partner_name:name partner_email:emails email_cc:emails
    partner_phone:phone properties:properties
  project_task email_from:emails email_cc:emails partner_phone:phone partner_name:name partner_company_name:company
    description:html html_field_history:empty task_properties:properties
  project_update email_cc:emails
  maintenance_request email_cc:emails description:html
  repair_order internal_notes:html
  mail_plugin_log name:subject
  calendar_event name:subject description:html notes:html location:text videocall_location:url
    google_id:empty microsoft_id:empty ms_universal_event_id:empty microsoft_recurrence_master_id:empty
  calendar_recurrence google_id:empty microsoft_id:empty ms_universal_event_id:empty
  calendar_attendee common_name:contact email:emails phone:phone
  calendar_booking name:name email:emails phone:phone
  appointment_answer_input value_text_box:text
  event_registration name:name email:emails phone:phone company_name:company registration_properties:properties
  event_registration_answer value_text_box:text
  event_track partner_name:name partner_email:emails partner_phone:phone partner_biography:html
    partner_function:text partner_company_name:company contact_email:emails contact_phone:phone
  event_sponsor name:company email:emails phone:phone mobile:phone
  event_booth contact_name:name contact_email:emails contact_phone:phone contact_mobile:phone
  event_booth_registration contact_name:name contact_email:emails contact_phone:phone contact_mobile:phone
  survey_user_input email:emails nickname:name
  survey_user_input_line value_char_box:text value_text_box:text value_date:date
  forum_post content:html plain_content:text
  slide_channel_partner nickname:name
  rating_rating res_name:subject feedback:text publisher_comment:text
  sign_request_item signer_email:emails partner_name:name sms_number:phone signature:empty latitude:empty
    longitude:empty
  sign_request_item_value value:text
  sign_log latitude:empty longitude:empty ip:ip
  data_merge_record name:subject

  mail_message body:messageBody subject:subject email_from:emails reply_to:emails record_name:subject
    incoming_email_to:emails incoming_email_cc:emails outgoing_email_to:emails
  mail_message_translation body:html
  mail_message_schedule notification_parameters:empty
  mail_scheduled_message subject:subject body:html send_context:empty notification_parameters:empty
  mail_mail body_html:html email_to:emails email_cc:emails headers:empty failure_reason:text
  mail_notification mail_email_address:emails sms_number:phone failure_reason:text
  mail_tracking_value old_value_char:tracked new_value_char:tracked old_value_text:text new_value_text:text
  mail_activity res_name:subject summary:subject note:html feedback:text
  mail_blacklist email:email
  mail_blacklist_remove email:email
  phone_blacklist number:phone
  mail_gateway_allowed email:emails email_normalized:email
  mail_guest name:name email:emails
  mail_group_member email:emails email_normalized:email
  mail_group_message email_from_normalized:email
  mail_group_moderation email:email
  mail_link_preview og_title:text og_description:text source_url:url og_image:url og_site_name:text
  mail_ice_server username:text
  discuss_channel name:subject default_display_name:subject livechat_note:html
  discuss_channel_member custom_channel_name:subject
  chatbot_message user_raw_answer:html
  mailing_contact name:name first_name:name last_name:name company_name:company email:emails email_normalized:email
    mobile:phone phone_sanitized:phone properties:properties
  mailing_trace email:emails sms_number:phone failure_reason:text
  mailing_mailing email_from:emails reply_to:emails
  link_tracker_click ip:ip
  sms_sms number:phone body:text
  sms_twilio_number number:phone
  whatsapp_message mobile_number:phone mobile_number_formatted:phone body:html
  snailmail_letter street:street street2:text city:city zip:zip info_msg:text
  social_post message:text
  voip_call phone_number:phone
  privacy_log anonymized_name:text anonymized_email:text execution_details:text records_description:text
    additional_note:text

  payment_transaction partner_name:name partner_email:emails partner_address:street partner_city:city partner_zip:zip
    partner_phone:phone state_message:html provider_reference:identifier
  payment_token payment_details:identifier provider_ref:identifier
  account_move invoice_partner_display_name:partnerDisplay invoice_source_email:emails
  account_move_line name:subject
  account_bank_statement_line account_number:iban partner_name:name payment_ref:subject transaction_details:empty
    narration:html online_account_identifier:empty
  account_online_account account_number:iban
  loyalty_card_history description:text
  pos_order email:emails mobile:phone
  pos_order_signature signature:empty
  sale_order signed_by:name signature:empty
  delivery_carrier_address street:street
  website_visitor name:name
`;

/** Rows of a column that are replaced, where not all are. */
export const conditions: Readonly<Record<string, string>> = {
  "resource_resource.name": "resource_type = 'user'",
  // The own companies' numbers are public, and invoices are checked against them.
  "res_partner.vat": "id NOT IN (SELECT partner_id FROM res_company)",
  "res_partner.company_registry": "id NOT IN (SELECT partner_id FROM res_company)",
  "res_partner.peppol_endpoint": "id NOT IN (SELECT partner_id FROM res_company)",
  // Channels have a name that was chosen; chats have the names of those who talk.
  "discuss_channel.name": "channel_type <> 'channel'",
  // Only what a bank wrote: other lines say what was sold.
  "account_move_line.name": "statement_line_id IS NOT NULL",
};

/** Tables whose rows are of no use in a copy, and full of personal data: all are removed. */
export const emptiedTables: readonly string[] = [
  ...["bus_bus", "ir_logging", "ir_profile", "mail_presence", "bus_presence", "mail_push", "mail_push_device"],
  ...["data_recycle_record", "website_track", "res_users_deletion"],
];

/**
 * Models whose attachments are replaced: people's documents and pictures, and what was sent and received. Those of orders,
 * invoices, products and projects stay readable.
 */
export const attachmentModels: readonly string[] = [
  ...["res.partner", "res.users", "res.partner.bank", "crm.lead", "calendar.event", "event.registration"],
  ...["hr.employee", "hr.version", "hr.contract", "hr.payslip", "hr.applicant", "hr.candidate", "hr.resume.line"],
  ...["hr.leave", "hr.expense", "hr.appraisal", "mail.message", "mail.mail", "mail.compose.message"],
  ...["mail.scheduled.message", "discuss.channel", "helpdesk.ticket", "survey.user_input", "sign.request", "sign.log"],
  ...["snailmail.letter", "whatsapp.message", "res.company.ldap"],
];

/** Names of columns that hold personal data wherever they are, in modules of your own too; only what looks like it is replaced. */
export const namedLike: readonly { readonly pattern: RegExp; readonly kind: ObfuscationKind; readonly when: string }[] =
  [
    {
      pattern: /(^|_)(e_?)?mails?(_(from|to|cc|normalized|address))?$/,
      kind: "emails",
      when: "$ LIKE '%@%' AND $ NOT LIKE '%{{%'",
    },
    {
      pattern: /(^|_)(phone|mobile|gsm|fax)(_(sanitized|number|no))?$/,
      kind: "phone",
      when: "$ ~ '^[-+() ./0-9]{6,}$'",
    },
    { pattern: /(^|_)(iban|acc_number|account_number)$/, kind: "iban", when: "$ ~ '^[A-Za-z]{2}[0-9]{2}'" },
  ];

/** Tables that {@link namedLike} leaves alone: Odoo's own definitions, where such a column says what to do with data. */
export const definitions =
  /^(ir_|mail_template|mail_alias|sms_template|theme_|website_(page|menu|form)|base_|res_config)/;

/** Kinds that only this list uses. */
export type FieldKind = ObfuscationKind | RowKind;
