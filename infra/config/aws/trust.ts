/**
 * Where AWS publishes the certificates that databases of a region are known by:
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html#UsingWithRDS.SSL.CertificatesAllRegions
 * @param region Such as `eu-central-1`; regions in China have others, and are not known here.
 */
export function rdsTrust(region: string): string {
  const host = region.startsWith("us-gov-") ? "truststore.pki.us-gov-west-1.rds" : "truststore.pki.rds";
  return `https://${host}.amazonaws.com/${region}/${region}-bundle.pem`;
}
