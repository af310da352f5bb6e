//! Turns and their spans as OpenTelemetry spans, with the attribute names of OpenTelemetry's conventions for generative
//! models and of OpenInference. The same spans are written as OTLP JSON and sent as protobuf by `unspool push`.

mod attributes;
mod chat;
mod context;
mod conventions;
mod conversation;
mod ids;
mod json;
mod payload;
mod span;
mod trace_builder;
mod turn;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};

pub use attributes::{text_bytes, truncate_texts};
pub use json::{OtlpJson, write_arguments};
pub use trace_builder::{Annotation, TraceBuilder};

/// The name of the program as the source of spans.
const SCOPE_NAME: &str = "unspool";

/// Returns a request that exports the spans of a service.
pub fn export_request(service: &str, spans: Vec<Span>) -> ExportTraceServiceRequest {
    let scope_spans = vec![ScopeSpans { scope: Some(scope()), spans, ..ScopeSpans::default() }];
    let resource = Some(resource(service));
    let resource_spans = vec![ResourceSpans { resource, scope_spans, ..ResourceSpans::default() }];
    ExportTraceServiceRequest { resource_spans }
}

fn resource(service: &str) -> Resource {
    let mut attributes = attributes::Attributes::default();
    attributes.text("service.name", service);
    attributes.text("telemetry.sdk.name", SCOPE_NAME);
    attributes.text("openinference.project.name", service);
    Resource { attributes: attributes.0, ..Resource::default() }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: SCOPE_NAME.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    }
}

#[cfg(test)]
mod tests;
