import * as acm from "@pulumi/aws/acm";
import * as route53 from "@pulumi/aws/route53";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import type { HostedZone } from "./hostedZone";

/** What a certificate is made with. */
export interface CertificateArgs {
  /**
   * The names that it is for, at least one, each in the zone; `*.example.com` is any name at that place. AWS allows 10 unless it is asked
   * for more: https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
   */
  readonly domains: readonly [string, ...string[]];
  /** The zone of all of them, in which AWS is shown that they are yours. */
  readonly zone: HostedZone;
}

/**
 * A public certificate of AWS Certificate Manager, which renews it by itself for as long as it is in use and the records are there:
 * https://docs.aws.amazon.com/acm/latest/userguide/dns-renewal-validation.html
 * Other domains make it a new certificate, which takes over before the old one goes.
 *
 * Cost: none.
 */
export class Certificate extends Component {
  /** Its ARN; known once it is issued, which takes a minute or two. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: CertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws:Certificate", name, opts);
    const [domainName, ...others] = [...new Set(args.domains)];
    const certificate = new acm.Certificate(
      this.childName("certificate"),
      { domainName, subjectAlternativeNames: others, validationMethod: "DNS", tags: { Name: name } },
      this.child(),
    );
    const records = provenNames(args.domains).map((domain) => {
      const option = certificate.domainValidationOptions.apply((options) => optionOf(options, domain));
      return new route53.Record(
        this.childName(`proof-${domain}`),
        {
          zoneId: args.zone.id,
          name: option.resourceRecordName,
          type: option.resourceRecordType,
          records: [option.resourceRecordValue],
          ttl: 300,
          // All certificates of an account for a domain are proven by the same record.
          allowOverwrite: true,
        },
        this.child(),
      );
    });
    const validation = new acm.CertificateValidation(
      this.childName("issued"),
      { certificateArn: certificate.arn, validationRecordFqdns: records.map(({ fqdn }) => fqdn) },
      this.child(),
    );
    this.arn = validation.certificateArn;
    this.registerOutputs({ arn: this.arn });
  }
}

/** The names that records are needed for: a name and any name below it are proven by the same one. */
export const provenNames = (domains: readonly string[]): string[] => [
  ...new Set(domains.map((domain) => domain.replace(/^\*\./, ""))),
];

type ValidationOption = Readonly<
  Record<"domainName" | "resourceRecordName" | "resourceRecordType" | "resourceRecordValue", string>
>;

function optionOf(options: readonly ValidationOption[], domain: string): ValidationOption {
  const found = options.find(({ domainName }) => domainName.replace(/^\*\./, "") === domain);
  if (!found) throw new Error(`AWS asks for no record of ${domain}`);
  return found;
}
