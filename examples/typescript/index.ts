import * as pulumi from "@pulumi/pulumi";
import { TikTokLogin } from "@pulumi/tiktok-login";

const config = new pulumi.Config();
const login = new TikTokLogin("tiktok", {
    clientKey: config.require("clientKey"),
    clientSecret: config.requireSecret("clientSecret"),
    applications: { web: config.require("application") },
});
export const redirectUri = login.redirectUri;
